//! The bounds. All of them are PROPOSED: nobody has measured what the agencies' people need.

/// How much is allowed. A rate may be used up at once and comes back evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Reads a minute of an agency's system.
    pub reads_per_minute: u32,
    /// Other writes than intake a minute of an agency's system.
    pub writes_per_minute: u32,
    /// Requests and drafts a minute of an agency's system.
    pub intake_per_minute: u32,
    /// Emergencies a minute that are taken though `intake_per_minute` is used up.
    pub emergencies_per_minute: u32,
    /// Identity checks a minute of a caller.
    pub identity_checks_per_minute: u32,
    /// In place of reads, writes and intake: of a person, or of a client that is no agency's system.
    pub person_requests_per_minute: u32,
    /// Tries to sign in a minute from one address, whoever it is.
    pub sign_ins_per_minute: u32,
    /// Visits to the desk a minute from one address, before it is known whose they are.
    pub desk_visits_per_minute: u32,
    /// Times a minute that a session is confirmed.
    pub confirmations_per_minute: u32,
    /// Identity checks an hour of a person or client.
    pub identity_checks_per_hour: u32,
    /// Identity checks a day of an agency.
    pub identity_checks_per_day_of_agency: u32,
    /// Identity numbers a day that a person or client asks for.
    pub identity_children_per_day: u32,
    /// The same of an agency.
    pub identity_children_per_day_of_agency: u32,
    /// Looks at personal data a day of a person or client.
    pub reads_per_day: u32,
    /// The same of an agency.
    pub reads_per_day_of_agency: u32,
    /// Cases a day that a person or client looks into.
    pub children_per_day: u32,
    /// The same of an agency.
    pub children_per_day_of_agency: u32,
    /// Tables of statistics a day of a person or client.
    pub exports_per_day: u32,
    /// The same of an agency.
    pub exports_per_day_of_agency: u32,
    /// An identity check is answered at whole multiples of this after it came, so that the time tells
    /// nothing.
    pub identity_floor_ms: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            reads_per_minute: 6_000,
            writes_per_minute: 6_000,
            intake_per_minute: 6_000,
            emergencies_per_minute: 600,
            identity_checks_per_minute: 60,
            person_requests_per_minute: 600,
            sign_ins_per_minute: 60,
            desk_visits_per_minute: 1_200,
            confirmations_per_minute: 10,
            identity_checks_per_hour: 20,
            identity_checks_per_day_of_agency: 200,
            identity_children_per_day: 30,
            identity_children_per_day_of_agency: 200,
            reads_per_day: 20_000,
            reads_per_day_of_agency: 200_000,
            children_per_day: 2_000,
            children_per_day_of_agency: 20_000,
            exports_per_day: 1_000,
            exports_per_day_of_agency: 5_000,
            identity_floor_ms: 1_000,
        }
    }
}

impl LimitSettings {
    /// Rates that nobody meets, for a sandbox, which plays three months in a minute. Budgets and floor are
    /// the proposed ones.
    #[must_use]
    pub fn without_rates() -> Self {
        const ANY: u32 = 1_000_000;
        Self {
            reads_per_minute: ANY,
            writes_per_minute: ANY,
            intake_per_minute: ANY,
            emergencies_per_minute: ANY,
            identity_checks_per_minute: ANY,
            person_requests_per_minute: ANY,
            sign_ins_per_minute: ANY,
            desk_visits_per_minute: ANY,
            confirmations_per_minute: ANY,
            ..Self::default()
        }
    }
}
