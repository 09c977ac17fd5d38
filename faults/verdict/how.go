package verdict

// howChecks ask what a client sends when it repeats.
var howChecks = []Check{
	{
		Name:    "body-kept",
		Family:  FamilyHow,
		Rule:    "the body of a repeat differs from that of the attempt before in length or digest; empty after not empty is certain",
		Needs:   "1 call with a body that was repeated; for a fail 3 different requests",
		Norm:    "Azure SDK guidelines (the body is rewound before a retry)",
		Advice:  "keep the body, or a way to make it again, until the call is over, and send the same bytes each time",
		Example: "A client reads its request from a stream and does not rewind it: the first attempt carries 48 bytes, the repeat after 503 carries 0.",
		begin:   bodyKept,
	},
}
