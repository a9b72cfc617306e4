# The hub's message as CPI's Primero v2 records. Paths and statuses are Primero's documented API; field names
# of the case are those of its published forms where they have one, `amaan_*` where they have none.
# ASSUMED: CPI's own configuration was never seen.
# A referral becomes a case and a referral on it; every other message an item of the case's notes, whose
# unique_id is the delivery's, so that sending it twice changes nothing.
. as $m | .body as $b |
($m.case | uuid) as $case |
"[amaan \($m.delivery)] [amaan \($m.referral)] from \($m.from)" as $tags |
if .message == "referral.request" then
  {
    case: {
      data: ({
        id: $case,
        amaan_reference: $m.reference,
        amaan_withheld: (if ($m.withheld | length) == 0 then null else $m.withheld | join(", ") end),
        name: $b.child.name.full,
        name_nickname: $b.child.name.known_as,
        sex: ($b.child.sex | code("sex")),
        age: $b.child.age.years,
        estimated: ($b.child.age.basis == "EST"),
        date_of_birth: (
          if ($b.child.age.birth_date | length) == 10 then $b.child.age.birth_date else null end
        ),
        amaan_birth_date: $b.child.age.birth_date,
        nationality: (
          if $b.child.nationality.country == null then null else [$b.child.nationality.country] end
        ),
        language: $b.child.languages,
        protection_status: ($b.child.separated | code("separation")),
        protection_concerns: ($b.reasons | map(code("concern"))),
        risk_level: ($m.priority | code("risk")),
        location_current: $b.child.address.district,
        address_current: $b.child.address.line,
        telephone_current: $b.child.phone.number,
        amaan_safe_times: $b.child.phone.safe_times,
        amaan_health_needs: (
          if $b.child.health.needs == null then null
          else $b.child.health.needs | map(code("health_need"))
          end
        ),
        name_caregiver: $b.caregiver.name,
        relationship_caregiver: ($b.caregiver.relationship | code("relationship")),
        telephone_caregiver: $b.caregiver.phone.number,
        amaan_caregiver_informed: $b.caregiver.informed,
        amaan_incident_district: $b.incident.district,
        amaan_incident_date: $b.incident.occurred_on,
        consent_for_services: ($b.consent.basis == "consent"),
        disclosure_other_orgs: ($b.consent.basis == "consent"),
        amaan_intent: $b.intent,
        amaan_consent_given_by: $b.consent.given_by,
        amaan_consent_scope: $b.consent.scope,
        amaan_consent_ends_on: $b.consent.expires_on,
        amaan_consent_overridden_for: $b.consent.override_reason,
        amaan_consent_agreed_by: $b.consent.supervisor.name
      } | present)
    },
    referral: {
      data: ({
        transitioned_to: "cpi_intake",
        service: ($m.service | code("service")),
        consent_overridden: ($b.consent.basis != "consent"),
        notes: ($tags + (if $b.narrative == null then "" else "\n\($b.narrative)" end))
      } | present)
    }
  }
else
  {
    case: {data: {id: $case, amaan_reference: $m.reference}},
    note: {
      data: {
        notes_section: [
          {
            unique_id: ($m.delivery | uuid),
            note_date: $m.sent_at[:10],
            note_subject: $m.message,
            note_text: (
              $tags
              + (
                if $b.officer == null then ""
                else "\nofficer: \($b.officer.name), \($b.officer.position)"
                end
              )
              + (if $b.local_reference == null then "" else "\nreference: \($b.local_reference)" end)
              + (if $b.reason == null then "" else "\nreason: \($b.reason | code("reason"))" end)
              + (
                if $b.suggested_receiver == null then ""
                else "\nbetter receiver: \($b.suggested_receiver)"
                end
              )
              + (if $b.question == null then "" else "\nquestion: \($b.question)" end)
              + (if $b.review_on == null then "" else "\nreview on: \($b.review_on)" end)
              + (if $b.answer == null then "" else "\nanswer: \($b.answer)" end)
              + (if $b.step == null then "" else "\nstep: \($b.step | code("step"))" end)
              + (if $b.result == null then "" else "\nresult: \($b.result | code("result"))" end)
              + (if $b.outcome == null then "" else "\noutcome: \($b.outcome | code("outcome"))" end)
              + (
                if $b.services_given == null then ""
                else "\nservices given: \($b.services_given | join(", "))"
                end
              )
              + (
                if $m.message == "referral.overdue"
                then "\noverdue: \($b.clock), since \($b.due), for the \($b.role)"
                else "" end
              )
              + (
                if $b.said_by == null then ""
                else "\nconsent taken back by: \($b.said_by), on \($b.said_on)"
                end
              )
              + (if $b.decision == null then "" else "\ndecision: \($b.decision)" end)
              + (if $b.basis == null then "" else "\nground: \($b.basis)" end)
              + (if $b.satisfied == null then "" else "\nsatisfied: \($b.satisfied)" end)
              + (if $b.note == null then "" else "\n\($b.note)" end)
            )
          }
        ]
      }
    }
  }
end
