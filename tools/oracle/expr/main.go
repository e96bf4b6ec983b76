// Records what expr-lang answers to our own list of conditions. Run here: go run . > ../../../analysis-service/src/test/resources/expr/recorded.json
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/expr-lang/expr"
)

// Case is one condition with the JSON of the metric's result, and what became of it.
type Case struct {
	Expression string          `json:"expression"`
	Result     json.RawMessage `json:"result"`
	Outcome    string          `json:"outcome,omitempty"` // value or error
	Value      string          `json:"value,omitempty"`
}

// special lets the input list name numbers that JSON has not.
func special(v any) any {
	if s, ok := v.(string); ok {
		switch s {
		case "@NaN":
			return math.NaN()
		case "@+Inf":
			return math.Inf(1)
		case "@-Inf":
			return math.Inf(-1)
		}
	}
	return v
}

func asInt(in any) int64 {
	switch v := in.(type) {
	case float64:
		return int64(v)
	case int:
		return int64(v)
	case int64:
		return v
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	panic("not a number")
}

func asFloat(in any) float64 {
	switch v := in.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case string:
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	panic("not a number")
}

func evaluate(c Case) (outcome, value string) {
	defer func() {
		if r := recover(); r != nil {
			outcome, value = "error", ""
		}
	}()
	var result any
	if err := json.Unmarshal(c.Result, &result); err != nil {
		panic(err)
	}
	result = special(result)
	env := map[string]any{
		"result": result, "asInt": asInt, "asFloat": asFloat, "isNaN": math.IsNaN,
		"isInf":   func(f float64) bool { return math.IsInf(f, 0) },
		"isNil":   func(any) bool { return result == nil },
		"default": func(_ any, d any) any {
			if result == nil {
				return d
			}
			return result
		},
	}
	program, err := expr.Compile(c.Expression, expr.Env(env))
	if err != nil {
		return "error", err.Error()
	}
	out, err := expr.Run(program, env)
	if err != nil {
		return "error", err.Error()
	}
	return "value", fmt.Sprintf("%v", out)
}

func main() {
	in, err := os.ReadFile("cases.json")
	if err != nil {
		panic(err)
	}
	var cases []Case
	if err := json.Unmarshal(in, &cases); err != nil {
		panic(err)
	}
	for i := range cases {
		outcome, value := evaluate(cases[i])
		cases[i].Outcome = outcome
		if outcome == "value" {
			cases[i].Value = value
		} else if len(os.Args) > 1 {
			cases[i].Value = value
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	if err := out.Encode(cases); err != nil {
		panic(err)
	}
}
