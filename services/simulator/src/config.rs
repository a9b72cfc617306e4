//! What the simulated systems are told: where they keep their logs, where the hub is, their ports and
//! secrets. Ports are fixed by whoever configures them, so that a restart finds every address unchanged; 0
//! takes any free port. Which agencies there are and how they speak is not configured: that is
//! [`crate::AGENCIES`].

use std::{collections::BTreeMap, path::PathBuf};

use identity::issuer::Issuer;

use crate::signing::Signing;

/// Everything: the issuer and the five agencies. No `Debug`: it holds secrets.
pub struct SimConfig {
    /// Where the effect logs lie.
    pub dir: PathBuf,
    /// The hub's base address, for example `http://127.0.0.1:8600`.
    pub hub: String,
    /// The issuer's port; any free one if absent. The issuer must have been made for the address that
    /// results, so with an ephemeral port use [`crate::start_issuer`], which makes it after the port is
    /// known.
    pub issuer_port: Option<u16>,
    /// Ports by agency; any free one for those not named.
    pub agency_ports: BTreeMap<String, u16>,
    /// What the issuer says.
    pub issuer: Issuer,
    /// What the hub must present to every agency (Primero: as the password).
    pub agency_secret: String,
    /// By agency, the id and the secret of its own client at the issuer. One without cannot call the hub.
    pub clients: BTreeMap<String, (String, String)>,
    /// Which of them sign what they send.
    pub signing: Signing,
}

/// The five agencies alone, for an issuer that runs already. No `Debug`: it holds secrets.
pub struct AgenciesConfig {
    /// Where the effect logs lie.
    pub dir: PathBuf,
    /// The hub's base address.
    pub hub: String,
    /// The issuer's base address; its discovery document says where tokens are fetched.
    pub issuer_url: String,
    /// Certificate authorities (PEM) believed when the issuer, or the hub, is reached by https on loopback.
    pub extra_roots_pem: Option<String>,
    /// Ports by agency; any free one for those not named.
    pub agency_ports: BTreeMap<String, u16>,
    /// What the hub must present to every agency (Primero: as the password).
    pub agency_secret: String,
    /// By agency, the id and the secret of its own client at the issuer.
    pub clients: BTreeMap<String, (String, String)>,
    /// Which of them sign what they send.
    pub signing: Signing,
}
