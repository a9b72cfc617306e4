# NADRA's answer as the hub's identity.result: status and result, nothing else. The message to the clerk, in
# Urdu with bidi marks, and the session stay behind.
(.ResponseCode | code("response_code")) as $status |
if $status == "answered" then
  {
    schema: "identity.result/v1",
    status: $status,
    result: (if .Result == null then triage("answered without a result") else .Result | code("result") end)
  }
else
  {schema: "identity.result/v1", status: $status}
end
