//! Nothing to connect to: the agency's system calls `GET /v1/inbox` and
//! `POST /v1/inbox/{delivery}/acknowledge` on the hub, and what it gets there is `Outgoing::to_value`.
