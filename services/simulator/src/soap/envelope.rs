//! SOAP 1.1 envelopes: reads `VerifyIdentity` and words its answer and faults. Strict and bounded: a document
//! type, a processing instruction, an unknown entity or a second operation is refused, so nothing is ever
//! expanded or fetched.

use casework::CheckId;
use quick_xml::{NsReader, escape::escape, events::Event, name::ResolveResult};

use super::register::Finding;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NADRA: &str = "urn:nadra:assumed";
/// Envelope, Body, operation, member.
const DEPTH_MAX: usize = 4;
/// Elements of a request: the three above and at most a dozen members.
const ELEMENTS_MAX: usize = 15;
/// One member's text.
const TEXT_BYTES_MAX: usize = 512;

/// What the caller asks.
pub(super) struct Question {
    pub transaction: CheckId,
    pub identity_number: String,
    pub name: Option<String>,
    pub birth_date: Option<String>,
    pub purpose: String,
}

/// Why a request is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Action,
    NotXml,
    Doctype,
    TooMuch,
    NotTheOperation,
    MemberMissing,
    Transaction,
    Number,
}

impl Refused {
    /// The fault string.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Action => "soap-action-unknown",
            Self::NotXml => "malformed",
            Self::Doctype => "doctype-refused",
            Self::TooMuch => "too-large",
            Self::NotTheOperation => "operation-unknown",
            Self::MemberMissing => "member-missing",
            Self::Transaction => "transaction-id-invalid",
            Self::Number => "identity-number-invalid",
        }
    }
}

/// The question in a request.
pub(super) fn read(xml: &str) -> Result<Question, Refused> {
    let members = Walk::default().read(xml)?;
    let mut members = members.into_iter();
    let mut found = Members::default();
    members.try_for_each(|(name, text)| found.take(&name, text))?;
    Ok(Question {
        transaction: found
            .transaction
            .ok_or(Refused::MemberMissing)?
            .parse()
            .map_err(|_| Refused::Transaction)?,
        identity_number: found.identity_number.ok_or(Refused::MemberMissing)?,
        name: found.name,
        birth_date: found.birth_date,
        purpose: found.purpose.ok_or(Refused::MemberMissing)?,
    })
}

/// The answer to a question.
pub(super) fn answer(transaction: CheckId, session: &str, finding: Finding) -> String {
    let body = format!(
        "<n:VerifyIdentityResponse xmlns:n=\"{NADRA}\"><n:ResponseCode>100</n:ResponseCode>\
         <n:TransactionId>{transaction}</n:TransactionId><n:SessionId>{}</n:SessionId>\
         <n:Result>{}</n:Result><n:Message xml:lang=\"ur\">{}</n:Message></n:VerifyIdentityResponse>",
        escape(session),
        finding.word(),
        finding.message(),
    );
    enveloped(&body)
}

/// The answer that a question is declined: response code 101 and no result. *Assumed.*
pub(super) fn refusal(transaction: CheckId) -> String {
    enveloped(&format!(
        "<n:VerifyIdentityResponse xmlns:n=\"{NADRA}\"><n:ResponseCode>101</n:ResponseCode>\
         <n:TransactionId>{transaction}</n:TransactionId></n:VerifyIdentityResponse>"
    ))
}

/// A fault of the client's or the server's side.
pub(super) fn fault(side: &str, code: &str) -> String {
    enveloped(&format!(
        "<soap:Fault><faultcode>soap:{side}</faultcode><faultstring>{}</faultstring></soap:Fault>",
        escape(code)
    ))
}

fn enveloped(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

#[derive(Default)]
struct Members {
    transaction: Option<String>,
    identity_number: Option<String>,
    name: Option<String>,
    birth_date: Option<String>,
    purpose: Option<String>,
}

impl Members {
    /// A member twice, or of another name, makes it another operation.
    fn take(&mut self, name: &str, text: String) -> Result<(), Refused> {
        let place = match name {
            "TransactionId" => &mut self.transaction,
            "IdentityNumber" => &mut self.identity_number,
            "Name" => &mut self.name,
            "BirthDate" => &mut self.birth_date,
            "Purpose" => &mut self.purpose,
            _ => return Err(Refused::NotTheOperation),
        };
        if place.replace(text).is_some() { Err(Refused::NotTheOperation) } else { Ok(()) }
    }
}

/// One pass over a request, keeping the members of the operation.
#[derive(Default)]
struct Walk {
    depth: usize,
    elements: usize,
    operations: usize,
    text: String,
    members: Vec<(String, String)>,
}

impl Walk {
    fn read(mut self, xml: &str) -> Result<Vec<(String, String)>, Refused> {
        let mut reader = NsReader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|_| Refused::NotXml)?;
            match event {
                Event::Start(element) => {
                    let space = match namespace {
                        ResolveResult::Bound(space) => space.into_inner(),
                        _ => "",
                    };
                    self.open(space, element.local_name().into_inner())?;
                }
                Event::End(element) => self.close(element.local_name().into_inner()),
                Event::Text(text) => self.add(&text.xml10_content())?,
                Event::CData(text) => self.add(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().map_err(|_| Refused::NotXml)?;
                    let character = character.or_else(|| predefined(&reference)).ok_or(Refused::NotXml)?;
                    self.add(character.encode_utf8(&mut [0; 4]))?;
                }
                Event::DocType(_) => return Err(Refused::Doctype),
                Event::PI(_) => return Err(Refused::NotXml),
                Event::Decl(_) | Event::Comment(_) | Event::Empty(_) => {}
                Event::Eof => break,
            }
        }
        let whole = self.depth == 0 && self.operations == 1;
        if whole { Ok(self.members) } else { Err(Refused::NotTheOperation) }
    }

    /// An element opens: each depth has its own name, and everything else is refused.
    fn open(&mut self, space: &str, name: &str) -> Result<(), Refused> {
        self.depth = self.depth.saturating_add(1);
        self.elements = self.elements.saturating_add(1);
        if self.depth > DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err(Refused::TooMuch);
        }
        let expected = match self.depth {
            1 => space == SOAP && name == "Envelope",
            2 => space == SOAP && matches!(name, "Header" | "Body"),
            3 => space == NADRA && name == "VerifyIdentity",
            _ => space == NADRA,
        };
        if self.depth == 3 {
            self.operations = self.operations.saturating_add(1);
        }
        self.text.clear();
        if expected { Ok(()) } else { Err(Refused::NotTheOperation) }
    }

    fn close(&mut self, name: &str) {
        if self.depth == DEPTH_MAX {
            self.members.push((name.to_owned(), self.text.trim().to_owned()));
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn add(&mut self, text: &str) -> Result<(), Refused> {
        if self.text.len().saturating_add(text.len()) > TEXT_BYTES_MAX {
            return Err(Refused::TooMuch);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// The five entities XML itself has.
fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}
