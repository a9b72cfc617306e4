//! The database and broker URLs, once their secret files are read: judged without asking any network, and
//! never printed. Plain connections stay on this machine.

use std::path::Path;
use std::sync::Arc;

use egress::Url;
use rustls::ClientConfig;
use zeroize::Zeroizing;

use super::authority::Authorities;
use super::problem::Fault;
use super::secrets::no_key;
use super::web::is_this_machine;

/// Two databases of a PostgreSQL server.
pub struct Databases {
    pub main: Zeroizing<String>,
    pub keys: Zeroizing<String>,
    /// None only on this machine.
    pub tls: Option<Arc<ClientConfig>>,
}

/// A RabbitMQ broker.
pub struct Broker {
    pub url: Zeroizing<String>,
    pub ca_pem: Option<String>,
    pub prefix: String,
    pub canary_every_seconds: u64,
    pub length_max: u64,
}

/// Judges a database's URL from this file.
pub fn database(path: &Path, text: &str, authorities: Option<&Authorities>) -> Result<(), Fault> {
    let form = "one line `postgresql://user:password@host/database`";
    let url: Url = text.parse().map_err(|_| no_key(path, form))?;
    let named = url.path().len() > 1 && !url.username().is_empty();
    if !matches!(url.scheme(), "postgresql" | "postgres") || !named || url.fragment().is_some() {
        return Err(no_key(path, form));
    }
    let host = check_parameters(path, &url, authorities.is_some())?;
    let here = host.starts_with('/') || host.starts_with("%2F") || is_this_machine(&host);
    if here || authorities.is_some() { Ok(()) } else { Err(in_clear(path, "store.ca_file")) }
}

/// The host, wherever it stands. Other parameters could turn off what is promised (`options` sets
/// `synchronous_commit`), or lead to several servers, of which one may lag behind.
fn check_parameters(path: &Path, url: &Url, tls: bool) -> Result<String, Fault> {
    let mut host = url.host_str().unwrap_or_default().to_owned();
    for (name, value) in url.query_pairs() {
        match (&*name, &*value) {
            ("host", socket) if host.is_empty() && socket.starts_with('/') => host = socket.to_owned(),
            ("sslmode", "require") if tls => {}
            _ => return Err(strange_parameter(path)),
        }
    }
    let one = !host.is_empty() && !host.contains(',');
    if one { Ok(host) } else { Err(no_key(path, "the URL of one server")) }
}

/// Judges the broker's URL from this file.
pub fn broker(path: &Path, text: &str, authorities: Option<&Authorities>) -> Result<(), Fault> {
    let form = "one line `amqps://user:password@host/vhost`";
    let url: Url = text.parse().map_err(|_| no_key(path, form))?;
    let named = url.host_str().is_some_and(|host| !host.is_empty()) && !url.username().is_empty();
    if !named || url.fragment().is_some() {
        return Err(no_key(path, form));
    }
    if url.query().is_some() {
        return Err(strange_parameter(path));
    }
    match url.scheme() {
        "amqps" => Ok(()),
        "amqp" if authorities.is_some() => Err(Fault::new(
            format!("names {}, whose URL is plain although `queue.ca_file` is set", path.display()),
            "nothing would be checked with it",
            "write `amqps` in the URL, or leave `queue.ca_file` out",
        )),
        "amqp" if is_this_machine(url.host_str().unwrap_or_default()) => Ok(()),
        "amqp" => Err(Fault::new(
            format!("names {}, whose URL is plain beyond this machine", path.display()),
            "the password and who writes to whom would cross the network in clear",
            "write `amqps` in the URL",
        )),
        _ => Err(no_key(path, form)),
    }
}

/// Do both URLs lead to one database? User, password and parameters make no other database of it.
pub fn same_database(main: &str, keys: &str) -> bool {
    let place = |text: &str| {
        let url: Url = text.parse().ok()?;
        let socket = url.query_pairs().find(|(name, _)| name == "host").map(|(_, host)| host.into_owned());
        let host = url.host_str().map(str::to_lowercase).filter(|host| !host.is_empty()).or(socket);
        Some((host, url.port().unwrap_or(5432), url.path().to_owned()))
    };
    place(main).is_some_and(|main| Some(main) == place(keys))
}

fn in_clear(path: &Path, ca_file: &str) -> Fault {
    Fault::new(
        format!("names {}, whose server is beyond this machine and `{ca_file}` is not set", path.display()),
        "without TLS that is checked, passwords and children's data would go to whoever answers",
        format!("set `{ca_file}` to the authority that signed the server's certificate"),
    )
}

fn strange_parameter(path: &Path) -> Fault {
    Fault::new(
        format!("names {}, whose URL has a parameter that is not taken", path.display()),
        "parameters can turn off TLS, or let a commit return before it is on disk",
        "leave all out but a database's `sslmode=require` (with `store.ca_file`) or `host` of a socket",
    )
}
