package app

// An Actor is on whose behalf something is done. The history shows it.
type Actor struct {
	Kind  ActorKind
	KeyID string // of an ActorKey: a UUID
	Name  string // the key's name when it acted; may be empty
	Mode  Mode   // of the customer's environment
}

// ActorKind is what kind of actor one is.
type ActorKind string

// The kinds of actors.
const (
	ActorKey ActorKind = "key" // a caller of the API
	ActorJob ActorKind = "job" // work of the program's own
)

// Mode is the environment that a customer and its keys belong to.
type Mode string

// The modes of customers.
const (
	ModeDemo Mode = "demo" // a demo session: sandbox data, deleted when it expires
	ModeTest Mode = "test" // sandbox data
	ModeLive Mode = "live" // the customer's own platforms
)
