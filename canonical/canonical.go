// Package canonical is the platform-neutral model of a construction business: entity types and their fields, typed ids, exact
// money, exchange rates, and how two documents differ, merge and change. It is pure: no clock, no I/O, no other package of this
// module but jsontext.
package canonical
