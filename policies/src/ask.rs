//! A question to the policy set and its answer, in codes. Not the permit's use: that is `casework`'s.

use casework::{AgencyCode, Code, MessageKind, Permit, Priority};
use serde::{Deserialize, Serialize};

/// What somebody wants to do. Each is one Cedar action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Make a referral: a `referral.request` to the counterpart.
    Send,
    /// Any later message of an existing referral, in either direction.
    Answer,
    /// Be given a message of the counterpart; without a counterpart and message: look into the own inbox.
    Receive,
    /// Ask the counterpart about a document.
    CheckIdentity,
    /// Read a referral the caller is a party to.
    ReadReferral,
    /// Read a case the caller is a party to.
    ReadCase,
    /// Query indicators.
    ReadIndicator,
    /// Read the audit trail.
    ReadAudit,
    /// List, replay and settle dead letters.
    ManageDelivery,
    /// Say who the own agency's people are, and in what roles.
    ManagePeople,
    /// Be the second person of an act that takes two.
    DecideApproval,
    /// Stop what goes to an agency.
    ManageSwitches,
    /// Look into a case that the own agency is no party to.
    BreakGlass,
    /// Look at such a look.
    ReviewGlass,
    /// Look at the policies in force and propose others.
    ManagePolicies,
    /// Have a case erased, or kept from that; by two people.
    EraseCase,
}

impl Act {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Send,
        Self::Answer,
        Self::Receive,
        Self::CheckIdentity,
        Self::ReadReferral,
        Self::ReadCase,
        Self::ReadIndicator,
        Self::ReadAudit,
        Self::ManageDelivery,
        Self::ManagePeople,
        Self::DecideApproval,
        Self::ManageSwitches,
        Self::BreakGlass,
        Self::ReviewGlass,
        Self::ManagePolicies,
        Self::EraseCase,
    ];

    /// The Cedar action's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Answer => "answer",
            Self::Receive => "receive",
            Self::CheckIdentity => "check_identity",
            Self::ReadReferral => "read_referral",
            Self::ReadCase => "read_case",
            Self::ReadIndicator => "read_indicator",
            Self::ReadAudit => "read_audit",
            Self::ManageDelivery => "manage_delivery",
            Self::ManagePeople => "manage_people",
            Self::DecideApproval => "decide_approval",
            Self::ManageSwitches => "manage_switches",
            Self::BreakGlass => "break_glass",
            Self::ReviewGlass => "review_glass",
            Self::ManagePolicies => "manage_policies",
            Self::EraseCase => "erase_case",
        }
    }
}

impl Act {
    /// Does it go from one agency to another, so that both must be bound by what permits it?
    #[must_use]
    pub const fn is_between_two(self) -> bool {
        matches!(self, Self::Send | Self::Answer | Self::Receive | Self::CheckIdentity)
    }
}

/// Where the agency works and where the case is, as far as codes say it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Places {
    /// The provinces the acting agency works in (`provinces.csv`); all of them for one of the whole country,
    /// none where that is not known.
    pub agency_provinces: Vec<Code>,
    /// The province of the case.
    pub case_province: Option<Code>,
    /// Its district (`districts.csv`).
    pub case_district: Option<Code>,
}

/// May this agency do this? What is `None` is unknown to the policies, and one that needs it does not
/// apply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    /// The agency that acts, as the registry names it.
    pub agency: AgencyCode,
    /// The caller's roles; empty where the hub itself acts for the agency.
    pub roles: Vec<String>,
    /// The scopes of the caller's token; empty where the hub itself acts for the agency.
    pub scopes: Vec<String>,
    /// What it wants to do.
    pub act: Act,
    /// The other agency; the acting one itself where there is none.
    pub counterpart: Option<AgencyCode>,
    /// The message concerned.
    pub message: Option<MessageKind>,
    /// The service asked for.
    pub service: Option<Code>,
    /// The purpose stated.
    pub purpose: Option<Code>,
    /// The basis stated.
    pub basis: Option<Code>,
    /// The priority stated.
    pub urgency: Option<Priority>,
    /// Where.
    pub places: Places,
    /// Version of the referral that was looked at, handed through to the permit.
    pub read_version: Option<u64>,
}

impl Ask {
    /// A question of which nothing else is known.
    #[must_use]
    pub const fn of(agency: AgencyCode, roles: Vec<String>, act: Act) -> Self {
        Self {
            agency,
            roles,
            scopes: Vec::new(),
            act,
            counterpart: None,
            message: None,
            service: None,
            purpose: None,
            basis: None,
            urgency: None,
            places: Places { agency_provinces: Vec::new(), case_province: None, case_district: None },
            read_version: None,
        }
    }
}

/// The set's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// At least one policy permits and none forbids.
    Permitted(Permit),
    /// No policy permits (`policies` is empty), or these forbid.
    Denied {
        /// The forbidding policies, by name.
        policies: Vec<String>,
    },
    /// The question could not be decided. Never a yes; at intake the referral is held and an alarm raised.
    Failed {
        /// Why, without any submitted value.
        error: String,
    },
}
