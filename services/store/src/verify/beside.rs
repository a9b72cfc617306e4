//! Reading and judging at the same time: this thread asks the database, another one looks at what came, page
//! by page in the order of reading. Both are about as much work.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use crate::StoreError;

/// Pages that may wait to be looked at.
const PAGES_AHEAD: usize = 4;

/// Gives what is read to the other thread.
pub struct Given<P> {
    pages: SyncSender<P>,
    seen: Receiver<P>,
}

impl<P> Given<P> {
    /// False once the other thread has stopped, and nothing more need be read.
    pub fn give(&self, page: P) -> bool {
        // Dropped where it was made: thousands of small rows are freed faster by the thread that has them.
        self.seen.try_iter().for_each(drop);
        self.pages.send(page).is_ok()
    }
}

/// Reads here and looks beside, at one page after the other.
pub fn read_beside<P: Send>(
    read: impl FnOnce(&Given<P>) -> Result<(), StoreError>,
    look: impl FnMut(&P) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let died = || Err(StoreError::Unreadable("verifying made a thread panic".to_owned()));
    std::thread::scope(|scope| {
        let (pages, taken) = sync_channel(PAGES_AHEAD);
        let (give_back, seen) = channel();
        let looking = scope.spawn(move || look_at_all(&taken, &give_back, look));
        let given = Given { pages, seen };
        let read = read(&given);
        // The other thread ends where no more pages can come.
        drop(given);
        let looked = looking.join().unwrap_or_else(|_| died());
        read.and(looked)
    })
}

fn look_at_all<P>(
    pages: &Receiver<P>,
    give_back: &Sender<P>,
    mut look: impl FnMut(&P) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for page in pages {
        look(&page)?;
        _ = give_back.send(page);
    }
    Ok(())
}
