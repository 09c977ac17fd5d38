// Package document reads experiments from TOML, as strictly as control/config reads config.toml, and holds the templates
// that new ones begin with.
//
// # Decisions
//
// An experiment is validated here alone, by whatever door it comes in: the API takes the text too. An unknown key is an
// error, and so is one whose zero would be taken for not given.
//
// A document is an experiment, and no configuration, if it has any of the keys that only an experiment has.
package document
