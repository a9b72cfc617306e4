//! An attacker who has only the published table and plenty of time; shares no code with what it attacks.
//!
//! A withheld count is pinned down if and only if no other table of whole numbers agrees with everything
//! published. Tables with margins are totally unimodular: if another one exists, one exists that differs by
//! -1, 0 or 1 in each cell. So all such differences are tried.

/// A table of true counts with what is published of it: cells, row margins, column margins, total.
pub struct View {
    pub counts: Vec<Vec<u64>>,
    pub cells: Vec<Vec<bool>>,
    pub rows: Vec<bool>,
    pub columns: Vec<bool>,
    pub total: bool,
}

impl View {
    fn size(&self) -> (usize, usize) {
        (self.counts.len(), self.counts[0].len())
    }

    /// Every table that differs by at most one in each cell and looks the same from outside.
    fn alternatives(&self) -> Vec<Vec<Vec<i64>>> {
        let (rows, columns) = self.size();
        let places = rows * columns;
        assert!(places <= 9, "too many cells to try");
        let mut found = Vec::new();
        for code in 0..3_u32.pow(places as u32) {
            let mut rest = code;
            let mut delta = vec![vec![0_i64; columns]; rows];
            for place in 0..places {
                delta[place / columns][place % columns] = i64::from(rest % 3) - 1;
                rest /= 3;
            }
            if self.looks_the_same(&delta) {
                found.push(delta);
            }
        }
        found
    }

    fn looks_the_same(&self, delta: &[Vec<i64>]) -> bool {
        let (rows, columns) = self.size();
        let row = |row: usize| delta[row].iter().sum::<i64>();
        let column = |column: usize| delta.iter().map(|line| line[column]).sum::<i64>();
        let cell = |row: usize, column: usize| {
            let value = self.counts[row][column] as i64 + delta[row][column];
            value >= 0 && (!self.cells[row][column] || delta[row][column] == 0)
        };
        (0..rows).all(|r| (0..columns).all(|c| cell(r, c)))
            && (0..rows).all(|r| !self.rows[r] || row(r) == 0)
            && (0..columns).all(|c| !self.columns[c] || column(c) == 0)
            && (!self.total || (0..rows).map(row).sum::<i64>() == 0)
    }

    /// The withheld places that can be computed, in words. `may_be_known`: a cell of this count may be.
    pub fn pinned_down(&self, may_be_known: impl Fn(usize, usize) -> bool) -> Vec<String> {
        let (rows, columns) = self.size();
        let worlds = self.alternatives();
        let fixed =
            |difference: &dyn Fn(&[Vec<i64>]) -> i64| worlds.iter().all(|world| difference(world) == 0);
        let mut pinned = Vec::new();
        for r in 0..rows {
            for c in 0..columns {
                if !self.cells[r][c] && !may_be_known(r, c) && fixed(&|world| world[r][c]) {
                    pinned.push(format!("cell {r} {c}"));
                }
            }
            if !self.rows[r] && fixed(&|world| world[r].iter().sum()) {
                pinned.push(format!("row {r}"));
            }
        }
        for c in 0..columns {
            if !self.columns[c] && fixed(&|world| world.iter().map(|line| line[c]).sum()) {
                pinned.push(format!("column {c}"));
            }
        }
        if !self.total && fixed(&|world| world.iter().flatten().sum()) {
            pinned.push("total".into());
        }
        pinned
    }
}

/// The attacker finds what a naive table gives away.
#[test]
fn the_attacker_is_no_fool() {
    let view = |cells: [[bool; 2]; 2]| View {
        counts: vec![vec![3, 20], vec![30, 40]],
        cells: cells.iter().map(|line| line.to_vec()).collect(),
        rows: vec![true, true],
        columns: vec![true, true],
        total: true,
    };
    assert_eq!(view([[false, true], [true, true]]).pinned_down(|_, _| false), ["cell 0 0"]);
    assert_eq!(view([[false, false], [false, true]]).pinned_down(|_, _| false).len(), 3);
    assert!(view([[false, false], [false, false]]).pinned_down(|_, _| false).is_empty());
}
