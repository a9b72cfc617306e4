//! What the hub tells of itself: log lines, traces and metrics say everything of the work and nothing of a
//! child. One run of the sandbox is watched from outside by a collector of our own.

mod pages;
mod sensitive;
mod story;
