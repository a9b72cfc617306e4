//! SOAP 1.1 envelopes: written from a flat document, read into one. Reading is strict, because what comes
//! from outside may be hostile: no DOCTYPE, no processing instruction, no entity beyond the five of XML,
//! bounded size, depth and number of members, and the envelope's namespace checked.

use casework::Document;
use quick_xml::{
    NsReader,
    escape::{escape, resolve_predefined_entity},
    events::Event,
    name::ResolveResult,
};
use serde_json::{Map, Value};

/// Namespace of SOAP 1.1 envelopes.
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Largest envelope read, in bytes; an answer has under 2 KiB.
const BYTES_MAX: usize = 64 * 1024;
/// Envelope, body, response, member; and four to spare for a fault's detail.
const DEPTH_MAX: usize = 8;
/// Members of a response at most.
const MEMBERS_MAX: usize = 32;

/// What an envelope holds.
#[derive(Debug, PartialEq)]
pub enum Content {
    /// The response's members as a flat object of texts.
    Response(Document),
    /// A fault, by the local part of its code: `Client`, `Server`, ...
    Fault(String),
}

/// An envelope that cannot be written or read. Neither says what stood in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnEnvelope;

/// Writes a request. The form must be a flat object of texts with names that are XML names.
pub fn write(namespace: &str, operation: &str, form: &Value) -> Result<String, NotAnEnvelope> {
    let members = form.as_object().ok_or(NotAnEnvelope)?;
    let mut inside = String::new();
    for (name, value) in members {
        let text = value.as_str().ok_or(NotAnEnvelope)?;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !named || text.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
            return Err(NotAnEnvelope);
        }
        inside.push_str(&format!("<v:{name}>{}</v:{name}>", escape(text)));
    }
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <s:Envelope xmlns:s=\"{ENVELOPE}\" xmlns:v=\"{}\"><s:Body>\
         <v:{operation}>{inside}</v:{operation}>\
         </s:Body></s:Envelope>",
        escape(namespace)
    ))
}

/// Reads an answer.
pub fn read(bytes: &[u8], namespace: &str, operation: &str) -> Result<Content, NotAnEnvelope> {
    if bytes.len() > BYTES_MAX {
        return Err(NotAnEnvelope);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotAnEnvelope)?;
    let mut reading = Reading::default();
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| NotAnEnvelope)?;
        match event {
            Event::Start(start) => {
                let space = match resolved {
                    ResolveResult::Bound(space) => space.into_inner().to_owned(),
                    _ => String::new(),
                };
                reading.open(space, start.local_name().into_inner())?;
            }
            Event::End(_) => reading.close(),
            Event::Text(text) => reading.text(&text.xml10_content())?,
            Event::CData(text) => reading.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => {
                let found = match entity.resolve_char_ref().map_err(|_| NotAnEnvelope)? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&entity).ok_or(NotAnEnvelope)?.to_owned(),
                };
                reading.text(&found)?;
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => break,
            Event::DocType(_) | Event::PI(_) | Event::Empty(_) => return Err(NotAnEnvelope),
        }
    }
    reading.finish(namespace, operation)
}

#[derive(Default)]
struct Reading {
    /// The elements around, outermost first: namespace and local name.
    open: Vec<(String, String)>,
    /// The element in the body.
    response: Option<(String, String)>,
    members: Map<String, Value>,
}

impl Reading {
    fn open(&mut self, space: String, name: &str) -> Result<(), NotAnEnvelope> {
        if self.open.len() >= DEPTH_MAX {
            return Err(NotAnEnvelope);
        }
        let expected = match self.open.len() {
            0 => space == ENVELOPE && name == "Envelope" && self.response.is_none(),
            1 => space == ENVELOPE && matches!(name, "Header" | "Body"),
            _ => true,
        };
        if !expected {
            return Err(NotAnEnvelope);
        }
        if self.in_body() && self.open.len() == 2 {
            // A second element in the body could contradict the first.
            if self.response.replace((space.clone(), name.to_owned())).is_some() {
                return Err(NotAnEnvelope);
            }
        } else if self.in_body() && self.open.len() == 3 {
            let twice = self.members.insert(name.to_owned(), Value::String(String::new())).is_some();
            if twice || self.members.len() > MEMBERS_MAX {
                return Err(NotAnEnvelope);
            }
        }
        self.open.push((space, name.to_owned()));
        Ok(())
    }

    fn close(&mut self) {
        self.open.pop();
    }

    /// Headers and a fault's detail are not read; between elements only white space may stand.
    fn text(&mut self, text: &str) -> Result<(), NotAnEnvelope> {
        if !self.in_body() || self.open.len() > 4 {
            return Ok(());
        }
        let member = if self.open.len() == 4 { self.open.last() } else { None };
        match member.and_then(|(_, name)| self.members.get_mut(name)) {
            Some(Value::String(held)) => held.push_str(text),
            _ if text.trim().is_empty() => {}
            _ => return Err(NotAnEnvelope),
        }
        Ok(())
    }

    fn in_body(&self) -> bool {
        self.open.get(1).is_some_and(|(_, name)| name == "Body")
    }

    fn finish(self, namespace: &str, operation: &str) -> Result<Content, NotAnEnvelope> {
        let (space, name) = self.response.ok_or(NotAnEnvelope)?;
        if !self.open.is_empty() {
            return Err(NotAnEnvelope);
        }
        if space == ENVELOPE && name == "Fault" {
            let code = self.members.get("faultcode").and_then(Value::as_str).unwrap_or_default();
            let local = code.rsplit(':').next().unwrap_or_default();
            return Ok(Content::Fault(local.trim().to_owned()));
        }
        let expected = space == namespace && name.strip_suffix("Response") == Some(operation);
        if expected {
            Ok(Content::Response(Document::of(Value::Object(self.members))))
        } else {
            Err(NotAnEnvelope)
        }
    }
}
