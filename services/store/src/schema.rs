//! The tables as Diesel sees them; one text for both engines. The truth of their shape is in `migrations/`,
//! and a test compares the two.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! { entries (idx) {
    idx -> BigInt, leaf -> Binary, hash -> Binary, kind -> Text,
    case_id -> Nullable<Text>, referral_id -> Nullable<Text>,
} }
table! { heads (size) { size -> BigInt, at -> BigInt, root -> Binary, peaks -> Binary, key_id -> Text, } }
table! { nodes (level, idx) { level -> Integer, idx -> BigInt, hash -> Binary, } }
table! { cases (id) { id -> Text, reference -> Text, state -> Text, } }
table! { referrals (id) {
    id -> Text, case_id -> Text, request_id -> Text, from_agency -> Text, to_agency -> Text,
    status -> Text, closed -> Bool, state -> Text, due_at -> Nullable<BigInt>, rung -> Integer,
    awaiting -> Nullable<Text>,
} }
table! { deliveries (id) {
    id -> Text, referral_id -> Text, from_agency -> Text, to_agency -> Text, status -> Text, state -> Text,
    due_at -> Nullable<BigInt>,
} }
table! { identity_checks (id) { id -> Text, case_id -> Text, status -> Text, state -> Text, } }
table! { registers (id) {
    id -> Text, book -> Text, agency -> Text, open -> Bool, due_at -> Nullable<BigInt>, state -> Text,
} }
table! { bodies (object_id) {
    object_id -> Text, case_id -> Text, key_id -> Text, schema -> Text, sealed -> Binary,
} }
table! { case_keys (case_id, key_id) { case_id -> Text, key_id -> Text, } }
table! { facts (id) {
    id -> Text, month -> Text, service -> Text, priority -> Text, to_agency -> Text, dimensions -> Text,
    accepted_minutes -> Nullable<BigInt>, first_action_minutes -> Nullable<BigInt>,
    closed_minutes -> Nullable<BigInt>, outcome -> Nullable<Text>,
} }
table! { fact_links (referral_id) {
    referral_id -> Text, case_id -> Text, key_id -> Text, object_id -> Text, sealed -> Binary,
} }
table! { idempotency (key) {
    key -> Text, request_hash -> Binary, entry_index -> BigInt, tree_size -> BigInt,
} }
table! { outbox (delivery_id) {
    delivery_id -> Text, to_agency -> Text, emergency -> Bool, ready_at -> BigInt,
    relayed_at -> Nullable<BigInt>, lease_until -> Nullable<BigInt>, trace -> Nullable<Text>,
    confirmed -> Bool,
} }
table! { actors (pseudonym) { pseudonym -> Text, label -> Text, } }
table! { cursors (name) { name -> Text, value -> Text, } }
table! { webhooks (name) {
    name -> Text, passed -> BigInt, tries -> Integer, next_try -> BigInt, lease_until -> BigInt,
    disabled_since -> Nullable<BigInt>, problem -> Nullable<Text>,
} }
table! { sign_ins (id) {
    id -> Text, provider -> Text, agency -> Text, place -> Text, session -> Nullable<Text>, begun -> BigInt,
    ends -> BigInt,
} }
table! { sessions (id) {
    id -> Text, person -> Text, agency -> Text, provider -> Text, auth_time -> BigInt,
    acr -> Nullable<Text>, created -> BigInt, seen -> BigInt, ends -> BigInt,
} }
table! { budgets (whose, act, since) { whose -> Text, act -> Text, since -> BigInt, used -> BigInt, } }
table! { budget_children (whose, act, since, child) {
    whose -> Text, act -> Text, since -> BigInt, child -> Text,
} }
table! { policy_sets (digest) { digest -> Text, bundle -> Text, put_at -> BigInt, } }
table! { cosignatures (size, witness) { size -> BigInt, witness -> Text, line -> Text, } }
table! { retention (case_id) {
    case_id -> Text, agency -> Text, record -> Text, since -> BigInt, due_at -> BigInt, held -> Bool,
    told -> Bool,
} }
table! { epochs (epoch) { epoch -> Integer, wrapped -> Binary, } }
table! { slots (key_id) {
    key_id -> Text, epoch -> Integer, wrapped -> Binary, owner -> Nullable<Text>,
    lease_until -> Nullable<BigInt>, used -> Bool,
} }

allow_tables_to_appear_in_same_query!(outbox, deliveries, referrals);
allow_tables_to_appear_in_same_query!(entries, referrals);
allow_tables_to_appear_in_same_query!(cosignatures, heads);
