//! The page that is printed of evidence, in both languages, of a kept bundle; and that what somebody wrote
//! into a message stays text.

use amaan_http::{Language, evidence_page};
use casework::Sensitive;
use hub::evidence::{GivenKeys, Held, judge};

fn kept() -> Held {
    judge(include_bytes!("../evidence/receiver-signed.jsonl"), &GivenKeys::default()).unwrap()
}

/// A line for each element that ends; without the style sheet.
fn readable(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let ends =
        ["</dt>", "</dd>", "</td>", "</th>", "</tr>", "</li>", "</p>", "</h1>", "</h2>", "</h3>", "</head>"];
    ends.iter().fold(format!("{head}{body}"), |text, end| text.replace(end, &format!("{end}\n")))
}

#[test]
fn the_page_of_evidence_reads_well() {
    for (language, name) in [(Language::English, "evidence-page"), (Language::Urdu, "evidence-page-in-urdu")]
    {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, readable(&evidence_page(&kept(), language)));
        });
    }
}

/// Signed by a key that nobody has here is not the same as unsigned.
#[test]
fn a_signature_that_was_not_checked_is_said_to_be_one() {
    let mut held = kept();
    for message in &mut held.messages {
        (message.signed_by, message.is_key_missing) = (None, true);
    }
    let page = evidence_page(&held, Language::English);
    assert!(page.contains("signed, not checked: no key") && !page.contains("not signed"), "{page}");
    assert!(page.contains("their keys are neither in this file nor given"), "{page}");
}

#[test]
fn what_somebody_wrote_stays_text() {
    let mut held = kept();
    let hostile = br#"{"narrative":"<script>alert(1)</script><img src=x onerror=y>"}"#;
    held.messages[0].body = Sensitive::new(hostile.to_vec());
    held.messages[0].agency = "<b>".to_owned();
    held.copies[0].body = Sensitive::new(b"no json, <i>".to_vec());
    held.copies[0].removed = vec!["<u>".to_owned()];
    let page = evidence_page(&held, Language::English);
    for tag in ["<script", "<img", "<b>", "<i>", "<u>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("&lt;script&gt;"));
}
