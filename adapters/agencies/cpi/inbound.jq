# A Primero referral and its case as the hub's answers, oldest first; null where there is nothing to tell.
# The status is asked first: an unknown one goes to a person, never to "accepted". in_progress means that
# nobody has replied yet. ASSUMED: services that name the referral, and the amaan_* fields (see agency.toml).
(.referral | word) as $referral |
(.transition.id | word) as $id |
.transition as $t |
.suggested_receiver as $suggested |
.rejection_note as $note |
($t.status | code("status")) as $status |
(if .case.services_section == null then [] else .case.services_section end) as $services |
"primero/\($id)" as $key |
if $status == "requested" then
  []
elif $status == "cancelled" then
  triage("the referral was revoked in Primero, which the receiver cannot do in the hub")
elif $status == "rejected" then
  [
    {
      key: "\($key)/rejected",
      referral: $referral,
      action: "reject",
      body: ({
        schema: "referral.reject/v1",
        reason: ($t.rejected_reason | code("rejection")),
        suggested_receiver: $suggested,
        note: $note
      } | present)
    }
  ]
elif $status == "completed"
  and ($services | any(.amaan_referral == $id and .amaan_outcome != null) | not)
then
  triage("the referral is done in Primero, but no service of it has an outcome")
else
  [
    {
      key: "\($key)/accepted",
      referral: $referral,
      action: "accept",
      body: {
        schema: "referral.accept/v1",
        officer: {name: $t.transitioned_to, position: "Primero user"},
        local_reference: $id
      }
    }
  ]
  + ($services | map(
    if .amaan_referral != $id then
      null
    elif .amaan_outcome != null then
      {
        key: "\($key)/\(.unique_id)/outcome",
        referral: $referral,
        action: "outcome",
        body: ({
          schema: "referral.outcome/v1",
          result: (.amaan_result | code("result")),
          outcome: (.amaan_outcome | code("outcome")),
          note: .note_on_referral_from_provider
        } | present)
      }
    else
      {
        key: "\($key)/\(.unique_id)/progress",
        referral: $referral,
        action: "progress",
        body: ({
          schema: "referral.progress/v1",
          step: (.amaan_step | code("step")),
          note: .note_on_referral_from_provider
        } | present)
      }
    end
  ))
end
