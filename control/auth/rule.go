package auth

import "maps"

// Rule is what a method takes.
type Rule struct {
	// Role is the least that the caller must have.
	Role Role
	// Change says that the method changes something, so that it is audited.
	Change bool
}

const (
	faultService       = "groovechaos.v1.FaultService/"
	brakeService       = "groovechaos.v1.BrakeService/"
	contractService    = "groovechaos.v1.ContractService/"
	observationService = "groovechaos.v1.ObservationService/"
	systemService      = "groovechaos.v1.SystemService/"
	tokenService       = "groovechaos.v1.TokenService/" //nolint:gosec // no secret
	experimentService  = "groovechaos.v1.ExperimentService/"
)

// rules has every method of every service.
//
// ReportOutcome is no change: it adds to what was seen, as an exchange through the proxy does, and workloads call it for
// each of their calls. Health is for whoever balances or restarts, who has no token.
var rules = map[string]Rule{
	faultService + "ListFaults":   {Role: Viewer},
	faultService + "GetFault":     {Role: Viewer},
	faultService + "WatchFaults":  {Role: Viewer},
	faultService + "CreateFault":  {Role: Operator, Change: true},
	faultService + "UpdateFault":  {Role: Operator, Change: true},
	faultService + "ApplyFaults":  {Role: Operator, Change: true},
	faultService + "DeleteFault":  {Role: Operator, Change: true},
	faultService + "EnableFault":  {Role: Operator, Change: true},
	faultService + "DisableFault": {Role: Operator, Change: true},

	brakeService + "GetBrake":     {Role: Viewer},
	brakeService + "PullBrake":    {Role: Operator, Change: true},
	brakeService + "ReleaseBrake": {Role: Operator, Change: true},

	contractService + "ListEndpoints":   {Role: Viewer},
	contractService + "ListErrorCodes":  {Role: Viewer},
	contractService + "ListStatusCodes": {Role: Viewer},

	observationService + "ListAttempts":  {Role: Viewer},
	observationService + "WatchAttempts": {Role: Viewer},
	observationService + "ListCalls":     {Role: Viewer},
	observationService + "ListClients":   {Role: Viewer},
	observationService + "GetVerdict":    {Role: Viewer},
	observationService + "JudgeAttempts": {Role: Viewer},
	observationService + "GetJournal":    {Role: Viewer},
	observationService + "GetCoverage":   {Role: Viewer},
	observationService + "ListOutcomes":  {Role: Viewer},
	observationService + "ReportOutcome": {Role: Operator},

	systemService + "GetStatus":        {Role: Viewer},
	systemService + "GetCACertificate": {Role: Viewer},
	systemService + "ListNodes":        {Role: Viewer},
	systemService + "ListAuditEntries": {Role: Operator},
	systemService + "Reload":           {Role: Admin, Change: true},

	tokenService + "ListTokens":  {Role: Admin},
	tokenService + "CreateToken": {Role: Admin, Change: true},
	tokenService + "DeleteToken": {Role: Admin, Change: true},

	experimentService + "CheckExperiment": {Role: Viewer},
	experimentService + "StartRun":        {Role: Operator, Change: true},
	experimentService + "StopRun":         {Role: Operator, Change: true},
	experimentService + "GetRun":          {Role: Viewer},
	experimentService + "ListRuns":        {Role: Viewer},
	experimentService + "WatchRun":        {Role: Viewer},
	experimentService + "GetReport":       {Role: Viewer},

	"grpc.health.v1.Health/Check": {Role: Anyone},
	"grpc.health.v1.Health/List":  {Role: Anyone},
	"grpc.health.v1.Health/Watch": {Role: Anyone},

	"grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      {Role: Viewer},
	"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": {Role: Viewer},
}

// Rules returns what each method takes, by its full name without a leading slash, as in
// "groovechaos.v1.BrakeService/PullBrake". The caller owns the map.
func Rules() map[string]Rule {
	return maps.Clone(rules)
}

// RuleOf returns what a method takes; ok is false for one that is not in the table, which nobody may call.
func RuleOf(method string) (rule Rule, ok bool) {
	rule, ok = rules[method]
	return rule, ok
}
