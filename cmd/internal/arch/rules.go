package arch

import (
	"fmt"
	"slices"
	"strings"
)

// check holds sources against the table and returns what is wrong, one line each.
func check(sources []source) []string {
	var problems []string
	for _, s := range sources {
		problems = append(problems, checkName(s)...)
		r, placed := table[s.folder]
		if !placed {
			problems = append(problems, s.file+": package is not in the import table")
			continue
		}
		problems = append(problems, checkImports(s, r)...)
		if r.pure && !s.test {
			problems = append(problems, checkPure(s)...)
		}
	}
	return problems
}

func checkName(s source) []string {
	for part := range strings.SplitSeq(s.folder, "/") {
		if slices.Contains(nameless, part) {
			return []string{fmt.Sprintf("%s: folder name %q says nothing of what is inside", s.file, part)}
		}
	}
	return nil
}

func checkImports(s source, r row) []string {
	var problems []string
	for _, imported := range s.imports {
		folder, ours := strings.CutPrefix(imported, module+"/")
		switch {
		case ours && !slices.Contains(reach[top(s.folder)], top(folder)):
			problems = append(problems, s.file+": imports "+folder+", an arrow that points up")
		case ours && !s.test && !allowed(r.imports, folder):
			problems = append(problems, s.file+": imports "+folder+", not in its row of the table")
		}
		if library := guardOf(imported); library != "" && !s.test && !slices.Contains(r.knows, library) {
			problems = append(problems, s.file+": imports "+imported+", and may not know "+library)
		}
	}
	return problems
}

func checkPure(s source) []string {
	var problems []string
	for _, use := range s.clocks {
		problems = append(problems, s.file+": pure package uses a clock: "+use)
	}
	for _, imported := range s.imports {
		foreign := strings.Contains(top(imported), ".") && !below(imported, module)
		switch {
		case slices.Contains(pureThoughBelow, imported), slices.Contains(pureLibraries, imported):
		case foreign, anyBelow(imported, impure):
			problems = append(problems, s.file+": pure package imports "+imported)
		}
	}
	return problems
}

// checkTop holds the names at the top of the module against topLevel.
func checkTop(names []string) []string {
	var problems []string
	for _, name := range names {
		if name[0] != '.' && !slices.Contains(topLevel, name) {
			problems = append(problems, name+": not part of the fixed top level")
		}
	}
	return problems
}

func guardOf(imported string) string {
	for library, paths := range guarded {
		if anyBelow(imported, paths) {
			return library
		}
	}
	return ""
}

func allowed(patterns []string, folder string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		parent, wild := strings.CutSuffix(pattern, "/...")
		return folder == parent || wild && below(folder, parent)
	})
}

func anyBelow(name string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return name == parent || below(name, parent) })
}

func below(name, parent string) bool { return strings.HasPrefix(name, parent+"/") }

func top(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}
