package provider

import (
	"bytes"
	"encoding/json"
	"errors"
)

var errJSON = errors.New("it is not the JSON that is documented")

// object is one of JSON, with its values as they came. Its names are taken as they are
// written, and none may stand twice: what two readers can read in two ways proves nothing.
type object map[string]json.RawMessage

func readObject(text []byte) (object, error) {
	if !json.Valid(text) { // which makes sure that it is one value, and whole
		return nil, errJSON
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errJSON
	}
	o := make(object)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errJSON
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errJSON
		}
		key, _ := name.(string) // it is valid, so this is a name
		if _, twice := o[key]; twice {
			return nil, errJSON
		}
		o[key] = value
	}
	return o, nil
}

// has tells whether there is a value other than null.
func (o object) has(name string) bool {
	v, ok := o[name]
	return ok && string(v) != "null"
}

// get reads a value that may be missing or null, which leaves it as it is.
func (o object) get(name string, to any) error {
	if !o.has(name) {
		return nil
	}
	if json.Unmarshal(o[name], to) != nil {
		return errJSON
	}
	return nil
}

// must reads a value that must be there.
func (o object) must(name string, to any) error {
	if !o.has(name) {
		return errJSON
	}
	return o.get(name, to)
}

// object reads an object within; a missing one is empty.
func (o object) object(name string) (object, error) {
	if !o.has(name) {
		return nil, nil
	}
	return readObject(o[name])
}
