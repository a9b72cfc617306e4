//! `codelists/delivery_lives.csv` read into how long `casework` lets a delivery be tried. A list without a
//! row for any message is refused: what is tried for ever reaches nobody who could help.

use casework::{ClockRow, Lives, MessageKind};

use crate::{LoadError, clocks::duration_micros, codelist::Lists};

const LIST: &str = "delivery_lives.csv";
const FILE: &str = "codelists/delivery_lives.csv";
/// The row for every message without one of its own.
const ANY: &str = "any";

pub(crate) fn lives(lists: &Lists) -> Result<Lives, LoadError> {
    let mut lives = Lives::default();
    for row in lists.table(LIST)?.rows() {
        let name = row("message");
        let micros = |column: &str| {
            let wrong = || LoadError::bad(FILE, &name, format!("{column}: expected a duration such as P7D"));
            duration_micros(&row(column)).filter(|micros| *micros > 0).ok_or_else(wrong)
        };
        let life = ClockRow {
            emergency_micros: micros("emergency")?,
            urgent_micros: micros("urgent")?,
            normal_micros: micros("normal")?,
        };
        if name == ANY {
            lives.any = Some(life);
            continue;
        }
        let kind = MessageKind::ALL.iter().find(|kind| kind.schema_name() == name);
        let kind = kind.ok_or_else(|| LoadError::bad(FILE, &name, "neither `any` nor a message"))?;
        lives.of.insert(*kind, life);
    }
    if lives.any.is_none() {
        return Err(LoadError::bad(FILE, ANY, "the row for every message without one of its own is missing"));
    }
    Ok(lives)
}
