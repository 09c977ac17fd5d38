package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is one Go file, reduced to what the rules ask.
type source struct {
	// file is the path from the top of the module, folder the part before the name.
	file, folder string
	test         bool
	imports      []string
	// clocks are the uses of a clock, such as "time.Now".
	clocks []string
}

// load reads every Go file of the module at the top of fsys: not what the go
// command would leave out (folders that begin with a dot or an underscore,
// testdata, modules of their own).
func load(fsys fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && leftOut(fsys, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := read(fsys, name)
		sources = append(sources, s)
		return err
	})
	return sources, err
}

func leftOut(fsys fs.FS, folder string) bool {
	if folder == "." {
		return false
	}
	base := path.Base(folder)
	_, err := fs.Stat(fsys, path.Join(folder, "go.mod"))
	return base[0] == '.' || base[0] == '_' || base == "testdata" || err == nil
}

func read(fsys fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, fmt.Errorf("parse %s: %w", name, err)
	}
	s := source{file: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
	local := map[string]string{} // what the file calls an import, to its path
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		called := path.Base(imported)
		if spec.Name != nil {
			called = spec.Name.Name
		}
		s.imports = append(s.imports, imported)
		local[called] = imported
	}
	s.clocks = clocksIn(parsed, local)
	return s, nil
}

// clocksIn finds the uses of a clock, called or not: a function value reads
// the clock as well as a call does. A dot import hides them and counts as one.
func clocksIn(file *ast.File, local map[string]string) []string {
	var found []string
	if _, has := clocks[local["."]]; has {
		found = append(found, "a dot import of "+local["."])
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && slices.Contains(clocks[local[x.Name]], selector.Sel.Name) {
			found = append(found, local[x.Name]+"."+selector.Sel.Name)
		}
		return true
	})
	return found
}
