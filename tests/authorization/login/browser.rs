//! A browser, as far as logins need one: it keeps cookies, says where a form comes from, and follows nothing
//! by itself.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const SESSION: &str = "__Host-amaan";
pub const LOGIN: &str = "__Host-amaan-login";

/// Cookies, and the site it is at.
#[derive(Clone, Default)]
pub struct Browser {
    /// `http://127.0.0.1:PORT`.
    pub site: String,
    pub cookies: BTreeMap<String, String>,
}

/// An answer, read.
#[derive(Debug, Clone)]
pub struct Seen {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (held, value) = line.split_once(": ")?;
            held.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }
    pub fn location(&self) -> String {
        self.header("location").unwrap_or_default()
    }
    /// What one browser is told, without what differs by request.
    pub fn told(&self) -> String {
        let number = self.header("request-id").unwrap_or_default();
        self.body.replace(&number, "NUMBER")
    }
}

impl Browser {
    pub fn at(site: &str) -> Self {
        Self { site: site.to_owned(), cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        self.send("GET", path, &[], "").await
    }

    /// A form of a page of this site.
    pub async fn post(&mut self, path: &str, form: &str) -> Seen {
        let site = self.site.clone();
        self.post_from(path, form, &[("Origin", &site), ("Sec-Fetch-Site", "same-origin")]).await
    }

    /// A form with these headers beside the usual ones.
    pub async fn post_from(&mut self, path: &str, form: &str, headers: &[(&str, &str)]) -> Seen {
        let media = ("Content-Type", "application/x-www-form-urlencoded");
        let own = if headers.iter().any(|(name, _)| *name == media.0) { None } else { Some(media) };
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain(own).collect();
        self.send("POST", path, &headers, form).await
    }

    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        let host = self.site.trim_start_matches("http://").to_owned();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() && !headers.iter().any(|(name, _)| *name == "Cookie") {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8(answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let seen = Seen {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        };
        self.keep(&seen);
        seen
    }

    fn keep(&mut self, seen: &Seen) {
        for line in seen.head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let (cookie, rest) = value.split_once(';').unwrap();
            for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                assert!(format!(";{rest}").contains(part), "a cookie without{part}: {value}");
            }
            assert!(!rest.contains("Domain"), "a `__Host-` cookie has no domain: {value}");
            let (name, value) = cookie.split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{name}");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A value of an address's query.
pub fn query(address: &str, name: &str) -> String {
    let url: egress::Url = address.parse().unwrap();
    url.query_pairs().find(|(held, _)| held == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}
