# The hub's message in NCCIA's form. ASSUMED: made up, never checked with the agency.
# A referral becomes a complaint, every other message a notice on that complaint.
. as $m | .body as $b |
if .message == "referral.request" then
  {
    complaint: ({
      hub_delivery: $m.delivery,
      hub_referral: $m.referral,
      kind: $m.message,
      intent: $b.intent,
      category: ($m.service | code("category")),
      urgency: ($m.priority | code("urgency")),
      received_from: $m.from,
      lawful_basis: $b.consent.basis,
      consent: {
        given_by: $b.consent.given_by,
        scope: $b.consent.scope,
        given_at: $b.consent.given_at,
        ends_on: $b.consent.expires_on,
        overridden_for: $b.consent.override_reason,
        agreed_by: $b.consent.supervisor.name
      },
      grounds: ($b.reasons | map(code("ground"))),
      offences: (if $b.incident.acts == null then [] else $b.incident.acts | map(code("offence")) end),
      victim: {
        age_band: ($b.child.age.band | code("age_band")),
        sex: ($b.child.sex | code("sex")),
        languages: $b.child.languages,
        hub_pseudonym: $b.child.national_id_pseudonym
      },
      incident: {
        district: $b.incident.district,
        setting: $b.incident.setting,
        online: $b.incident.online,
        occurred_on: $b.incident.occurred_on
      },
      exhibits: (
        if $b.evidence == null then null
        else $b.evidence | map({sha256: .sha256, custodian: .custodian, exhibit_no: .exhibit})
        end
      ),
      suspect: {
        relation: $b.offender.relationship,
        block_contact: $b.offender.block_contact,
        name: $b.offender.name,
        accounts: $b.offender.accounts
      },
      legal: {fir: $b.legal.fir, stage: $b.legal.stage},
      follow_up_on: $b.follow_up_on
    } | present)
  }
else
  {
    notice: ({
      hub_delivery: $m.delivery,
      hub_referral: $m.referral,
      kind: $m.message,
      urgency: ($m.priority | code("urgency")),
      received_from: $m.from,
      officer: $b.officer,
      their_reference: $b.local_reference,
      appointment: $b.appointment,
      reason: ($b.reason | code("reason")),
      suggested_receiver: $b.suggested_receiver,
      question: $b.question,
      review_on: $b.review_on,
      answer: $b.answer,
      step: ($b.step | code("step")),
      result: ($b.result | code("result")),
      outcome: ($b.outcome | code("outcome")),
      services_given: $b.services_given,
      satisfied: $b.satisfied,
      taken_back_by: $b.said_by,
      taken_back_on: $b.said_on,
      decision: $b.decision,
      ground: $b.basis,
      overdue: (
        if $m.message == "referral.overdue"
        then {clock: $b.clock, rung: $b.rung, role: $b.role, due: $b.due, effect: $b.effect}
        else null end
      ),
      remark: $b.note
    } | present)
  }
end
