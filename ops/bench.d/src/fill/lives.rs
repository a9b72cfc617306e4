//! The lives that referrals live here, and how many of a hundred live each: most are closed, some stand in every
//! open state. Shares are made up; no agency has published any.

use casework::MessageKind;

/// What happens next to one referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The message under way is attempted and taken.
    Deliver,
    /// It is attempted and becomes a dead letter.
    Lose,
    /// An officer takes this step; the coded reason is drawn among those that fit.
    Take(MessageKind),
    /// The outcome that nobody wished for.
    Fail,
}

use MessageKind::{Accept, Close, Feedback, Hold, Outcome, Progress, Received, Reject};
use Step::{Deliver, Fail, Lose, Take};

const SERVED: &[Step] = &[Deliver, Take(Accept), Deliver, Take(Outcome), Deliver, Take(Feedback)];
const WORKED: &[Step] = &[
    Deliver,
    Take(Received),
    Deliver,
    Take(Accept),
    Deliver,
    Take(Progress),
    Deliver,
    Take(Outcome),
    Deliver,
    Take(Feedback),
];
const REJECTED: &[Step] = &[Deliver, Take(Reject), Deliver, Take(Close)];
const FAILED: &[Step] = &[Deliver, Take(Accept), Deliver, Fail, Deliver, Take(Close)];
const UNREAD: &[Step] = &[Deliver];
const OPENED: &[Step] = &[Deliver, Take(Received), Deliver];
const HELD: &[Step] = &[Deliver, Take(Hold), Deliver];
const ACCEPTED: &[Step] = &[Deliver, Take(Accept), Deliver];
const BEGUN: &[Step] = &[Deliver, Take(Accept), Deliver, Take(Progress), Deliver];
const COMPLETED: &[Step] = &[Deliver, Take(Accept), Deliver, Take(Outcome), Deliver];
const LOST: &[Step] = &[Lose];

/// 84 in a hundred are closed.
pub const LIVES: &[(u64, &[Step])] = &[
    (46, SERVED),
    (6, WORKED),
    (26, REJECTED),
    (6, FAILED),
    (3, UNREAD),
    (2, OPENED),
    (1, HELD),
    (3, ACCEPTED),
    (3, BEGUN),
    (3, COMPLETED),
    (1, LOST),
];
