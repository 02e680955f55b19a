// Package app has the use cases: what the API does with records of platforms and canonical documents. It knows neither HTTP nor SQL,
// and states as small interfaces what it needs: [ConnectionStorage], [ChangeStorage], [Source].
//
//   - [Translator.Transform] translates one record: {"amount": "1700000.00"} in the words of one platform, in dollars, is
//     {"amount": {"amount": 170000000, "currency": "USD"}} in canonical ones, and {"amount": -6188000} in those of another
//     and riyals, where a payment is booked as a credit. Nothing is stored.
//   - [Connecter.Connect] loads all records of a platform of a customer, finds those that another platform has as well, and makes
//     one canonical object of each such group.
//   - [Changer.Change] changes an object and its record on every platform, at once or not at all.
//
// Who asks is an [Actor]; the customer's [Mode] decides what it may reach, and [Quotas] how much it may store. What can be decided
// without the outside world is decided in two pure packages: app/reconcile (which records are one, and the object that they make)
// and app/plan (what a change makes of an object and its records).
package app
