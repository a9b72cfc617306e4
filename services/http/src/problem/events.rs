//! Rows of the table of problems that belong to events: the stream and webhooks.

use super::table::{Kind, mend, retry};

pub(super) const LAST_EVENT_ID_MALFORMED: Kind = mend(
    "last-event-id-malformed",
    400,
    "The `Last-Event-ID` header is not usable",
    "the header is no `id` of this stream",
    "Send the last `id` that the stream gave, a whole number, or leave it out to begin now.",
);

pub(super) const STREAM_LIMIT: Kind = retry(
    "stream-limit",
    429,
    "Too many streams are open",
    "this client, or all together, have as many streams open as the hub serves",
    "Close a stream that you do not read any more, or ask `GET /v1/events` now and then: it tells the same.",
);
