//! Chance that can be repeated: SplitMix64. Good enough to spread children over codes; nothing secret.

pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero to one below `count`.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count.max(1)
    }

    pub fn in_hundred(&mut self, wanted: u64) -> bool {
        self.below(100) < wanted
    }

    /// One of these, all alike; `None` of none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(at).ok()?)
    }

    /// One of these by weight; `None` of none.
    pub fn weighted<'a, T>(&mut self, of: &'a [(u64, T)]) -> Option<&'a T> {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in of {
            if left < *weight {
                return Some(thing);
            }
            left -= weight;
        }
        None
    }
}
