//! A connection's own little runtime: it waits for the answers and, meanwhile, drives the socket, all on the
//! thread that asks. Between two questions nobody drives it; so a server that went away is noticed when the
//! connection is looked at next.
//!
//! A question that takes longer than the connection's limit ends the connection: a server that hangs without
//! closing its socket must not hang the hub.

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::async_connection_wrapper::BlockOn;
use tokio::runtime::{Handle, Runtime};
use tokio::task::{AbortHandle, yield_now};

thread_local! {
    /// The wrapper makes its driver by a call without arguments; the one that is meant waits here.
    static NEXT: RefCell<Option<Driver>> = const { RefCell::new(None) };
}

/// Times a look at the socket lets the runtime go round.
const LOOKS: u32 = 3;

/// Runs the futures of one connection.
#[derive(Clone)]
pub struct Driver(Option<Arc<Shared>>);

struct Shared {
    runtime: Option<Runtime>,
    /// The task that moves bytes; finished once the socket is closed.
    socket: AbortHandle,
    limit: Duration,
}

impl Driver {
    pub fn new(runtime: Runtime, socket: AbortHandle, limit: Duration) -> Self {
        Self(Some(Arc::new(Shared { runtime: Some(runtime), socket, limit })))
    }

    /// The next wrapper made on this thread gets this driver.
    pub fn hand_over(&self) {
        NEXT.with(|next| next.replace(Some(self.clone())));
    }

    /// Is the socket still open? Asks nobody.
    pub fn is_alive(&self) -> bool {
        let Some(shared) = &self.0 else { return false };
        self.block_on(async {
            for _ in 0..LOOKS {
                yield_now().await;
            }
        });
        !shared.socket.is_finished()
    }
}

impl BlockOn for Driver {
    fn block_on<F: Future>(&self, question: F) -> F::Output {
        let Some((shared, runtime)) =
            self.0.as_ref().and_then(|shared| shared.runtime.as_ref().map(|runtime| (shared, runtime)))
        else {
            // Only for a wrapper that `connect` did not make, and there is none.
            return Handle::current().block_on(question);
        };
        runtime.block_on(async {
            let mut question = pin!(question);
            match tokio::time::timeout(shared.limit, &mut question).await {
                Ok(answer) => answer,
                Err(_) => {
                    // Without its socket the question ends at once, in an error.
                    shared.socket.abort();
                    question.await
                }
            }
        })
    }

    fn get_runtime() -> Self {
        NEXT.with(RefCell::take).unwrap_or(Self(None))
    }
}

impl Drop for Shared {
    /// Also on a thread that serves another runtime, where an ordinary drop would panic.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
