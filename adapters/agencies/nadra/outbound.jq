# An identity check as NADRA's VerifyIdentity request. ASSUMED: NADRA publishes no interface for government.
# Only what the question needs leaves the hub: the number, and name and birth date where they were given.
{
  TransactionId: .check,
  IdentityNumber: .body.subject.id_number,
  Name: .body.subject.name,
  BirthDate: .body.subject.birth_date,
  Purpose: (.body.purpose | code("purpose"))
} | present
