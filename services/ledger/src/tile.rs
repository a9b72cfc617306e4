//! A tile's name in a path and its hashes (c2sp.org/tlog-tiles, "Merkle Tree"), and the entry bundles of the
//! same names ("Log entries"). A tile is cut from the tree that is stored, so that nothing is kept twice; who
//! may fetch which is not decided here.

use crate::{
    hash::Hash,
    prove::ProveError,
    span::Node,
    text,
    tiles::{Nodes, TILE_LEVELS, TILE_NODES, Tiles},
};

/// Hashes of a full tile, entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// The highest level of the specification.
const LEVEL_MAX: u64 = 63;
/// Three digits a path element.
const DIGITS: u64 = 1000;

/// Which tile of a level, and how wide: `<N>[.p/<W>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TilePlace {
    /// From 0.
    pub index: u64,
    /// 1 to 256; 256 is a full tile.
    pub width: u16,
}

impl TilePlace {
    /// Reads what follows the level in a path. `None` for any other text: a place has one spelling.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (number, width) = match path.split_once(".p/") {
            None => (path, TILE_WIDTH),
            Some((number, width)) => (number, partial(width)?),
        };
        let (high, last) = match number.rsplit_once('/') {
            None => (None, number),
            Some((high, last)) => (Some(high), last),
        };
        let mut index = 0_u64;
        for element in high.iter().flat_map(|high| high.split('/')) {
            index = push(index, element.strip_prefix('x')?)?;
        }
        // One element more than needed would be a second spelling of the same place.
        let place = Self { index: push(index, last)?, width };
        (place.to_path() == path).then_some(place)
    }

    /// `x001/x234/067`, or `x001/x234/067.p/112`.
    #[must_use]
    pub fn to_path(self) -> String {
        let mut path = format!("{:03}", self.index % DIGITS);
        let mut rest = self.index / DIGITS;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % DIGITS);
            rest /= DIGITS;
        }
        if self.width < TILE_WIDTH { format!("{path}.p/{}", self.width) } else { path }
    }

    /// Indexes `from..to` of the tile's hashes in their level.
    fn range(self) -> Option<(u64, u64)> {
        let from = self.index.checked_mul(TILE_NODES)?;
        Some((from, from.checked_add(u64::from(self.width))?))
    }

    /// The entries `from..to` of the bundle of this name in a tree of `size` leaves; `None` where the tree
    /// has not all of them.
    #[must_use]
    pub fn entries(self, size: u64) -> Option<(u64, u64)> {
        self.range().filter(|(_, to)| *to <= size)
    }
}

/// Reads a level: 0 to 63, without leading zeroes.
#[must_use]
pub fn tile_level(text: &str) -> Option<u8> {
    let level = text::decimal(text).filter(|level| *level <= LEVEL_MAX)?;
    u8::try_from(level).ok()
}

/// The hashes of a tile in the tree of `size` leaves, in order; `None` where that tree has not all of them. A
/// partial tile is served also where the full one exists.
///
/// # Errors
/// When the nodes cannot be read.
pub fn tile_hashes<N: Nodes>(
    nodes: &N,
    size: u64,
    level: u8,
    place: TilePlace,
) -> Result<Option<Vec<Hash>>, ProveError<N::Error>> {
    let level = u32::from(level) * TILE_LEVELS;
    let complete = size.checked_shr(level).unwrap_or(0);
    let Some((from, to)) = place.range().filter(|(_, to)| *to <= complete) else { return Ok(None) };
    let mut tiles = Tiles::new(nodes, size);
    (from..to).map(|index| tiles.node(Node { level, index })).collect::<Result<_, _>>().map(Some)
}

/// A bundle's bytes: each entry behind its length, two bytes, big end first. `None` where an entry is longer
/// than such a length can say.
#[must_use]
pub fn entry_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bundle = Vec::new();
    for entry in entries {
        bundle.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Some(bundle)
}

/// The width of a partial tile: 1 to 255, without leading zeroes.
fn partial(width: &str) -> Option<u16> {
    let width = text::decimal(width).and_then(|width| u16::try_from(width).ok())?;
    (1..TILE_WIDTH).contains(&width).then_some(width)
}

/// The index with three more digits behind it.
fn push(index: u64, element: &str) -> Option<u64> {
    let digits = element.len() == 3 && element.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return None;
    }
    index.checked_mul(DIGITS)?.checked_add(element.parse().ok()?)
}
