//! The endpoints, one file each: what it is called, who may call it, and the one use case behind it.

pub(crate) mod retention {
    //! How long what is kept, and what is over its time.
    pub(crate) mod due;
    pub(crate) mod schedule;
}
pub(crate) mod referrals {
    //! Referrals: made, read, moved.
    pub(crate) mod actions;
    pub(crate) mod answer;
    pub(crate) mod evidence;
    pub(crate) mod history;
    pub(crate) mod list;
    pub(crate) mod preview;
    pub(crate) mod show;
    pub(crate) mod submit;
    pub(crate) mod void;
}
pub(crate) mod drafts {
    //! Referrals that are written and not sent.
    pub(crate) mod write;
}
pub(crate) mod inbox {
    //! What waits for an agency that fetches.
    pub(crate) mod acknowledge;
    pub(crate) mod list;
}
pub(crate) mod keys {
    //! What signatures are checked with.
    pub(crate) mod list;
}
pub(crate) mod identity_checks {
    //! Questions to NADRA.
    pub(crate) mod ask;
}
pub(crate) mod cases {
    //! One child's referrals, as one party sees them.
    pub(crate) mod acknowledge_erasure;
    pub(crate) mod disclosures;
    pub(crate) mod erase;
    pub(crate) mod erasure;
    pub(crate) mod hold;
    pub(crate) mod lift_hold;
    pub(crate) mod looks;
    pub(crate) mod revoke_consent;
    pub(crate) mod show;
}
pub(crate) mod indicators {
    //! Statistics.
    pub(crate) mod ask;
    pub(crate) mod list;
}
pub(crate) mod feeds {
    //! What agencies send, and when they stop.
    pub(crate) mod list;
}
pub(crate) mod audit {
    //! The trail and its proofs.
    pub(crate) mod checkpoint;
    pub(crate) mod entries;
    pub(crate) mod key;
    pub(crate) mod lift_suspicion;
    pub(crate) mod proof;
    pub(crate) mod suspicions;
    pub(crate) mod turn_key;
}
pub(crate) mod persons {
    //! An agency's people.
    pub(crate) mod list;
    pub(crate) mod set;
}
pub(crate) mod approvals {
    //! Acts that take two people.
    pub(crate) mod approve;
    pub(crate) mod list;
    pub(crate) mod refuse;
    pub(crate) mod show;
    pub(crate) mod withdraw;
}
pub(crate) mod break_glass {
    //! Looks into cases from outside.
    pub(crate) mod ask;
    pub(crate) mod case;
    pub(crate) mod lift;
    pub(crate) mod list;
    pub(crate) mod referral;
    pub(crate) mod renew;
    pub(crate) mod review;
    pub(crate) mod show;
}
pub(crate) mod incidents {
    //! What is wrong with an agency's line.
    pub(crate) mod close;
    pub(crate) mod list;
}
pub(crate) mod switches {
    //! To whom nothing goes now.
    pub(crate) mod list;
    pub(crate) mod set;
}
pub(crate) mod policies {
    //! Agreements in force, and changes of them.
    pub(crate) mod compare;
    mod other;
    pub(crate) mod propose;
    pub(crate) mod show;

    use other::other_set;
}
pub(crate) mod conservation {
    //! Whether the hub kept its promises.
    pub(crate) mod show;
}
pub(crate) mod dead_letters {
    //! Deliveries that wait for a person.
    pub(crate) mod discard;
    pub(crate) mod list;
    pub(crate) mod replay;
    pub(crate) mod replay_many;
    pub(crate) mod resolve;
    pub(crate) mod show;
}
pub(crate) mod deliveries {
    //! Messages on their way, as their sender sees them.
    pub(crate) mod withdraw;
}
pub(crate) mod events {
    //! What happened to an agency's referrals.
    pub(crate) mod list;
    pub(crate) mod stream;
}
pub(crate) mod webhooks {
    //! Where events are posted to.
    pub(crate) mod list;
    pub(crate) mod replay;
    pub(crate) mod test;
}
pub(crate) mod clocks {
    //! Clocks as a person reads them.
    pub(crate) mod list;
}
pub(crate) mod directory {
    //! Which agency does what.
    pub(crate) mod search;
}
pub(crate) mod messages {
    //! Messages without a fate.
    pub(crate) mod validate;
}
pub(crate) mod receipts {
    //! Proofs of what somebody did.
    pub(crate) mod show;
}
pub(crate) mod requests {
    //! What one submission made, as a whole.
    pub(crate) mod show;
}
pub(crate) mod schemas {
    //! Schemas as files.
    pub(crate) mod show;
}
pub(crate) mod tiles {
    //! The ledger as tools for tiled logs read it.
    pub(crate) mod checkpoint;
    pub(crate) mod entries;
    pub(crate) mod hashes;
}
pub(crate) mod service {
    //! Whether the program runs, and its description of itself.
    pub(crate) mod asyncapi;
    pub(crate) mod health;
    pub(crate) mod metrics;
    pub(crate) mod openapi;
    pub(crate) mod ready;
}
