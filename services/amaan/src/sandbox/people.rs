//! Two people of the police, so that acts which take two can be tried: the agency's administrator tells the
//! hub who they are, by the API as anybody would.

use serde_json::json;

use super::house::House;
use crate::failure::Failure;

/// Who says so.
const ADMIN: &str = "ictp-admin";
/// The one who asks, and what they are.
pub const OFFICER: &str = "ictp-officer";
/// The one who decides.
pub const SUPERVISOR: &str = "ictp-supervisor";

/// Tells the hub of both; what it knows already changes nothing.
pub async fn register(house: &House) -> Result<(), Failure> {
    for (who, role) in [(OFFICER, "caseworker"), (SUPERVISOR, "supervisor")] {
        let said = json!({ "subject": who, "roles": [role] });
        let answer = house.officers.call(ADMIN, "/v1/persons", &format!("person-{who}"), &said).await?;
        answer.good("a person of the sandbox")?;
    }
    Ok(())
}
