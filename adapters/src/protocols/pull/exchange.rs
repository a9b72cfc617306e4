//! A pull agency is never called. Its deliveries are done when its system acknowledges them.

use crate::exchange::Exchange;

/// Says so to a caller that tries: the delivery should be waiting in the inbox.
pub fn exchange() -> Exchange {
    Exchange::broken("pull-only")
}
