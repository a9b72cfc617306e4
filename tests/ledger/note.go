// Opens a signed note with Go's golang.org/x/mod/sumdb/note and nothing of ours: note FILE VKEY...
// Prints the id of each given key that signed it; fails where none did.
package main

import (
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	var keys []note.Verifier
	for _, vkey := range os.Args[2:] {
		key, err := note.NewVerifier(vkey)
		if err != nil {
			fail(err)
		}
		keys = append(keys, key)
	}
	opened, err := note.Open(text, note.VerifierList(keys...))
	if err != nil {
		fail(err)
	}
	for _, signature := range opened.Sigs {
		fmt.Printf("%08x\n", signature.Hash)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
