// Package suggest says which records of two platforms are probably one.
package suggest
