// Reads a hub's ledger as a stranger's tool does: with golang.org/x/mod/sumdb/{note,tlog}, which share no code
// with us, over c2sp.org/tlog-tiles. It checks the checkpoint's signature, rebuilds the tree's hashes from its
// tiles, proves every entry of the bundles to be in it, and, given an older checkpoint, proves that the newer
// tree continues it.
//
//	AMAAN_TOKEN=... AMAAN_AUDIT_TOKEN=... tlog BASE VKEY KEEP [OLD]
//
// KEEP is the file the checkpoint is written to; OLD is one that an earlier run kept. Built without modules:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build tests/ledger/tlog.go
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// The log of the specification, as the tile reader of tlog.
type remote struct {
	base, token, auditor string
	tiles                map[tlog.Tile][]byte
}

func (r *remote) get(token, path string) ([]byte, error) {
	request, err := http.NewRequest("GET", r.base+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %s", path, answer.Status, body)
	}
	return body, nil
}

// The package writes the tile's height into its path; the specification has one height only.
func place(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "/tile/", 1)
}

func (r *remote) Height() int { return height }

func (r *remote) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, known := r.tiles[tile]
		if !known {
			var err error
			if data, err = r.get(r.token, place(tile)); err != nil {
				return nil, err
			}
			r.tiles[tile] = data
		}
		all = append(all, data)
	}
	return all, nil
}

func (r *remote) SaveTiles([]tlog.Tile, [][]byte) {}

// A checkpoint's three lines, signed by the key; tlog.ParseTree knows another first line only.
func open(text []byte, key note.Verifier) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(text, note.VerifierList(key))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != key.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s: %q", key.Name(), opened.Text)
	}
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// Every entry of the tree, with its proof.
func entries(r *remote, tree tlog.Tree, hashes tlog.HashReader) error {
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: 0, N: first >> height, W: int(width)}
		bundle, err := r.get(r.auditor, strings.Replace(place(tile), "/tile/0/", "/tile/entries/", 1))
		if err != nil {
			return err
		}
		for index := first; index < first+width; index++ {
			if len(bundle) < 2 {
				return fmt.Errorf("bundle of %d ends before entry %d", first, index)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return fmt.Errorf("entry %d is cut short", index)
			}
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return err
			}
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			return fmt.Errorf("bundle of %d goes on after its entries", first)
		}
	}
	return nil
}

func run(base, vkey, keep, old string) (string, error) {
	key, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	r := &remote{base, os.Getenv("AMAAN_TOKEN"), os.Getenv("AMAAN_AUDIT_TOKEN"), map[tlog.Tile][]byte{}}
	text, err := r.get(r.token, "/checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := open(text, key)
	if err != nil {
		return "", err
	}
	hashes := tlog.TileHashReader(tree, r)
	if err := entries(r, tree, hashes); err != nil {
		return "", err
	}
	said := fmt.Sprintf("%d entries", tree.N)
	if old != "" {
		kept, err := os.ReadFile(old)
		if err != nil {
			return "", err
		}
		before, err := open(kept, key)
		if err != nil {
			return "", err
		}
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
			return "", err
		}
		said += fmt.Sprintf(", consistent with %d", before.N)
	}
	return said, os.WriteFile(keep, text, 0o600)
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: tlog BASE VKEY KEEP [OLD]")
		os.Exit(2)
	}
	said, err := run(os.Args[1], os.Args[2], os.Args[3], strings.Join(os.Args[4:], ""))
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILED", err)
		os.Exit(1)
	}
	fmt.Println(said)
}
