package app

// An Actor is on whose behalf something is done. The history shows it.
type Actor struct {
	Kind  ActorKind
	KeyID string // of an ActorKey: a UUID
	Name  string // the key's name when it acted; may be empty
	Mode  string // of the customer's environment: demo, test, live
}

// ActorKind is what kind of actor one is.
type ActorKind string

// The kinds of actors.
const (
	ActorKey ActorKind = "key" // a caller of the API
	ActorJob ActorKind = "job" // work of the program's own
)
