//! Every problem there is: its status, its words, and what to do. A problem's slug never changes its meaning;
//! the page `/problems/{slug}`, the OpenAPI document and every answer are made from this table.

use super::{closed, consent, deliveries, erasure, events, limits, people, policies, signatures, statistics};

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The last segment of its `type`.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The same words in every answer.
    pub title: &'static str,
    /// What it means; also the detail where there is nothing more to say.
    pub meaning: &'static str,
    /// What the caller's developer or operator does about it.
    pub advice: &'static str,
    /// Would the same request succeed later?
    pub remedy: Remedy,
}

/// What kind of act helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Mend the request.
    Mend,
    /// Repeat it unchanged, with the same idempotency key, after `Retry-After`.
    Retry,
    /// A person has to look first.
    Ask,
}

/// The kind with this slug.
#[must_use]
pub fn kind(slug: &str) -> Option<&'static Kind> {
    PROBLEMS.iter().find(|kind| kind.slug == slug)
}

/// What is answered where nothing else fits: a fault of ours.
pub(super) const fn internal() -> &'static Kind {
    &INTERNAL
}

pub(super) const fn mend(
    slug: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Kind {
    Kind { slug, status, title, meaning, advice, remedy: Remedy::Mend }
}

pub(super) const fn retry(
    slug: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Kind {
    Kind { slug, status, title, meaning, advice, remedy: Remedy::Retry }
}

pub(super) const fn ask(
    slug: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Kind {
    Kind { slug, status, title, meaning, advice, remedy: Remedy::Ask }
}

const INTERNAL: Kind = ask(
    "internal",
    500,
    "The hub failed",
    "something in the hub is not as it should be; it has been logged under the request id",
    "Tell the hub's operator the `instance` of the answer. A repeated request with the same key is safe.",
);

/// All of them, in the order of the pages.
pub const PROBLEMS: &[Kind] = &[
    // Who is calling, and may it.
    mend(
        "unauthorized",
        401,
        "No valid access token",
        "the request has no access token that this hub believes",
        "Fetch a token from the issuer with your client id and secret and send it as `Authorization: \
         Bearer ...`. It must be an access token (`at+jwt`) for this hub alone, not expired, from the \
         issuer this hub trusts, and of a client registered here. The precise reason stands only in the \
         hub's log.",
    ),
    mend(
        "missing-scope",
        403,
        "The token lacks a scope",
        "the token does not carry the scope that this address needs",
        "Ask the issuer for a token with the scope named in `detail`. If it gives none, your client is not \
         registered for it: ask the hub's operator.",
    ),
    ask(
        "not-permitted",
        403,
        "No agreement allows this",
        "no agreement in force lets this caller do this",
        "Which agency may send what to whom, and for what purpose, is written in the agreements between \
         agencies. Check recipient, service and purpose; then ask the hub's operator which agreement \
         covers you.",
    ),
    mend(
        "not-found",
        404,
        "Not found",
        "there is no such thing here for you",
        "Check the id. What belongs to other agencies looks exactly like what does not exist.",
    ),
    mend(
        "unknown-action",
        404,
        "No such step",
        "referrals have no step of that name",
        "Ask `GET /v1/referrals/{id}/actions` which steps you can take now.",
    ),
    mend(
        "method-not-allowed",
        405,
        "Method not allowed",
        "this address exists, but not for this method",
        "The `Allow` header names the methods.",
    ),
    // How the request is dressed.
    mend(
        "not-acceptable",
        406,
        "Nothing acceptable to answer with",
        "the `Accept` header allows none of the forms this address can answer in",
        "Accept `application/json` and `application/problem+json`, or leave the header out.",
    ),
    mend(
        "body-too-slow",
        408,
        "The body came too slowly",
        "the body did not arrive in time",
        "Send the body at once: after ten seconds at least 1 KiB has to arrive each second.",
    ),
    mend(
        "body-incomplete",
        400,
        "The body broke off",
        "the body ended before it was whole, or its framing is wrong",
        "Send as many bytes as `Content-Length` says. Nothing was stored.",
    ),
    mend(
        "body-encoding-refused",
        415,
        "Compressed bodies are refused",
        "the request names a `Content-Encoding`",
        "Send the body as it is, without compression.",
    ),
    mend(
        "content-type-refused",
        415,
        "Only JSON is taken",
        "the request's `Content-Type` is not `application/json`",
        "Send `Content-Type: application/json` and JSON in UTF-8.",
    ),
    mend(
        "unknown-query-parameter",
        400,
        "Unknown query parameter",
        "a query parameter is not one of this address",
        "Use only the parameters named in `detail`. A mistyped filter is refused, because ignoring it would \
         widen the answer.",
    ),
    mend(
        "query-malformed",
        400,
        "A query parameter's value is not usable",
        "a query parameter is missing, stands too often or has a value it cannot have",
        "The `detail` names the parameter and what it takes.",
    ),
    events::LAST_EVENT_ID_MALFORMED,
    events::STREAM_LIMIT,
    limits::LIMIT_REACHED,
    people::NEEDS_ANOTHER_PERSON,
    people::APPROVAL_OVER,
    people::RIGHT_SUSPENDED,
    people::ALREADY_REVIEWED,
    people::STEP_UP_REQUIRED,
    mend(
        "if-match-malformed",
        400,
        "`If-Match` is not a version",
        "the `If-Match` header is not one version of a referral",
        "Send the `ETag` of the referral as you last saw it: `If-Match: \"3\"`.",
    ),
    mend(
        "idempotency-key-required",
        400,
        "An idempotency key is required",
        "every request that writes carries an `Idempotency-Key` header",
        "Draw a random key for each new request, such as a UUID, and send the same one when you repeat it.",
    ),
    mend(
        "idempotency-key-malformed",
        400,
        "The idempotency key is malformed",
        "the `Idempotency-Key` header is not one key of 1 to 128 visible ASCII characters",
        "Send one key, a UUID for example. Never put a name or a number of a person into it.",
    ),
    signatures::SIGNATURE_REQUIRED,
    signatures::SIGNATURE_NOT_VALID,
    mend(
        "idempotency-key-reused",
        422,
        "This idempotency key belongs to another request",
        "the key was used before for a request with another address or body",
        "Draw a new key for a new request. To repeat a request, repeat it byte for byte.",
    ),
    retry(
        "request-in-progress",
        409,
        "The first request is still under way",
        "a request with this idempotency key is being worked on",
        "Repeat it with the same key in a moment; you will get the first one's answer.",
    ),
    // What the message is.
    mend(
        "malformed-json",
        400,
        "Not JSON",
        "the body is not JSON in UTF-8",
        "The `detail` names line and column.",
    ),
    mend(
        "duplicate-key",
        400,
        "A member stands twice",
        "an object of the message has the same member twice",
        "Systems differ in which one they read, so neither is believed. Keep one.",
    ),
    mend(
        "too-deep",
        400,
        "Nested too deep",
        "the message is nested deeper than 32 levels",
        "No message of this hub needs more than a handful of levels: look for a fault in what builds it.",
    ),
    mend(
        "payload-too-large",
        413,
        "Too large",
        "the body or a part of it is too large: 1 MiB in all, 64 KiB a text, 1000 members an object",
        "Send less. Files and pictures are never sent through the hub; evidence is named by its hash.",
    ),
    mend(
        "unknown-schema",
        422,
        "Unknown message",
        "the member `schema` does not name a message of this hub",
        "Write for example `\"schema\": \"referral.accept/v1\"`. `/openapi.json` holds all of them.",
    ),
    mend(
        "unknown-schema-version",
        422,
        "Unknown version of a message",
        "the message exists, but not in this version",
        "The `detail` names the versions there are.",
    ),
    mend(
        "wrong-message",
        422,
        "Another message belongs here",
        "the message is a known one, but not the one this address takes",
        "Send the message named in `detail`, or send this one to its own address.",
    ),
    mend(
        "unknown-field",
        422,
        "A member the message does not have",
        "the message has a member that its schema does not know",
        "Remove it or correct its name. What is not in the schema has no data category, so nobody could \
         say who may see it.",
    ),
    mend(
        "unknown-code",
        422,
        "A word that is not in its list",
        "a coded value is not in its code list",
        "The `errors` name the place and the nearest codes. Nothing is guessed: a code without a meaning \
         here would mean something else there.",
    ),
    mend(
        "media-refused",
        422,
        "Pictures and files are refused",
        "the message holds a picture, a file or what looks like one",
        "Never send images of a child or of an offence. Evidence is a hash, a custodian and an exhibit \
         number. If you hold such material, keep it where it is and call the agency in charge.",
    ),
    mend(
        "validation-failed",
        422,
        "The message does not fit its schema",
        "the message breaks a rule of its schema",
        "The `errors` name each place and what belongs there. Nothing was stored.",
    ),
    // Where it goes.
    mend(
        "unknown-agency",
        422,
        "Unknown agency",
        "a recipient is not an agency of this hub",
        "The `errors` name the place. Agency codes are lower case, `cpi` for example.",
    ),
    mend(
        "duplicate-recipient",
        422,
        "The same agency is asked for the same service twice",
        "two recipients lead to one agency, perhaps because a mandate moved from one of them to the other",
        "Leave one of the two out.",
    ),
    mend(
        "recipient-without-mandate",
        422,
        "This agency has no mandate for this service",
        "the service is not given by the agency that was addressed",
        "The `detail` names who gives it today. A mandate that moved to another agency is followed for you.",
    ),
    // What state things are in.
    consent::NOT_IN_FORCE,
    consent::NOTHING_TO_REVOKE,
    consent::NOT_CASE_OWNER,
    consent::NO_LONGER_ROUTED,
    erasure::ERASED,
    erasure::CASE_HELD,
    erasure::CASE_OPEN,
    erasure::RETENTION_NOT_OVER,
    erasure::KEY_LOSS,
    policies::POLICY_SET_REFUSED,
    policies::POLICIES_MOVED,
    mend(
        "invalid-transition",
        409,
        "This step is not possible now",
        "the referral's state does not allow this step by your agency",
        "`allowed_actions` names what you can do now. Fetch the referral: somebody may have moved it.",
    ),
    mend(
        "version-conflict",
        412,
        "Somebody was faster",
        "the referral has moved on since the version in `If-Match`",
        "Fetch the referral, look at what changed, and decide anew.",
    ),
    deliveries::DELIVERY_MOVED,
    deliveries::OUTCOME_UNKNOWN,
    statistics::UNKNOWN_INDICATOR,
    statistics::INDICATOR_QUERY,
    // What the hub cannot do now.
    retry(
        "try-again",
        503,
        "Try again in a moment",
        "the hub, or something it needs, is busy or not there",
        "Repeat the same request with the same idempotency key after `Retry-After`. Whatever came of the \
         first one, it counts once.",
    ),
    closed::INTAKE,
    closed::DISCLOSURE,
    closed::LEDGER_SUSPECT,
    INTERNAL,
];
