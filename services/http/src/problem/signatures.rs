//! Rows of the table of problems that belong to agencies' signatures over their messages.

use super::table::{Kind, mend};

pub(super) const SIGNATURE_REQUIRED: Kind = mend(
    "signature-required",
    400,
    "The agency's signature is missing",
    "your agency has registered a signing key, and the message came without its signature in \
     `Amaan-Signature`",
    "Sign exactly the bytes that you send: a JWS with the body as its payload, the middle part taken out \
     (`header..signature`), by a key that is registered for your agency. `ops/docs/signatures.md` shows how, \
     and `amaan referral send --sign-key` does it. Whoever sends for your agency without the key is refused: \
     if it was not you, tell the hub's operator.",
);

pub(super) const SIGNATURE_NOT_VALID: Kind = mend(
    "signature-not-valid",
    400,
    "The agency's signature does not hold",
    "the signature in `Amaan-Signature` is not your agency's over exactly this body, for exactly this \
     request",
    "`detail` names the rule. Sign after the last change of the body, with `alg`, `kid`, `typ`, `iss`, \
     `aud`, `jti` (the `Idempotency-Key`), `target` (method and path) and `iat` in the protected header, and \
     let nothing between you and the hub reformat the body.",
);
