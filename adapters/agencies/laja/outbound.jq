# The hub's message in LAJA's form. ASSUMED: made up, never checked with the agency.
# A referral becomes an application for legal aid, every other message a letter on that application.
. as $m | .body as $b |
if .message == "referral.request" then
  {
    application: ({
      delivery_no: $m.delivery,
      referral_no: $m.referral,
      kind: $m.message,
      referred_by: $m.from,
      intent: $b.intent,
      matter: ($m.service | code("matter")),
      priority: ($m.priority | code("priority")),
      grounds: ($b.reasons | map(code("ground"))),
      basis: $b.consent.basis,
      consent: {
        given_by: $b.consent.given_by,
        scope: $b.consent.scope,
        given_at: $b.consent.given_at,
        ends_on: $b.consent.expires_on,
        overridden_for: $b.consent.override_reason,
        agreed_by: $b.consent.supervisor.name
      },
      applicant: {
        name: $b.child.name.full,
        sex: ($b.child.sex | code("sex")),
        age: $b.child.age.years,
        birth_date: $b.child.age.birth_date,
        district: $b.child.address.district,
        nationality: $b.child.nationality.country,
        legal_status: ($b.child.nationality.legal_status | code("legal_status")),
        languages: $b.child.languages
      },
      guardian: {
        name: $b.caregiver.name,
        relationship: ($b.caregiver.relationship | code("relationship")),
        phone: $b.caregiver.phone.number
      },
      contact: {phone: $b.child.phone.number, safe_times: $b.child.phone.safe_times},
      fir: $b.legal.fir,
      stage: $b.legal.stage,
      incident: {district: $b.incident.district, occurred_on: $b.incident.occurred_on},
      follow_up_on: $b.follow_up_on,
      remarks: $b.narrative
    } | present)
  }
else
  {
    letter: ({
      delivery_no: $m.delivery,
      referral_no: $m.referral,
      kind: $m.message,
      referred_by: $m.from,
      officer: $b.officer,
      their_number: $b.local_reference,
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
      remarks: $b.note
    } | present)
  }
end
