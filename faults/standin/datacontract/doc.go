// Package datacontract holds the types of the service's data contract, how
// they are written in JSON and in XML, and how requests are read.
//
// The fields of a type stand in the order in which a data-contract reader
// wants them in XML: embedded base types first, each alphabetically. One that
// comes late is silently lost to such a reader. JSON carries the same members
// in that order.
//
// XML differs from JSON in three values, because that is what a .NET reader
// takes: Duration is an xs:duration there, CompatibleSources is separated by a
// space, and OtherIds are elements of two members each.
package datacontract
