"""Expressions that may grow without bound are refused, and those that people write are not."""

from typing import Any

import pytest

from graph import queries
from graph.errors import Invalid
from graph.read_door.growth import check_growth

PARAMS: dict[str, Any] = {"p": "abc", "s": "x" * 20_000, "l": [1], "n": 10**9} | {
    "long": "x" * 2_000_000,
    "longs": [{"a": "y" * 1_000}],
}

PASS = [
    "RETURN reduce(s='', x IN ['a','b'] | s + ', ' + x) AS s",
    "MATCH (n) WITH collect(n) AS ns RETURN reduce(acc=[], l IN ns | acc + l.tags) AS x",
    "WITH [1,2] AS l RETURN reduce(m=0, x IN l | CASE WHEN x > m THEN x ELSE m END)",
    "WITH [1,2] AS l RETURN reduce(acc=[], x IN l | CASE WHEN x IN acc THEN acc ELSE acc + x END)",
    "WITH [1,2] AS l RETURN reduce(acc=[0], x IN l | acc + (acc[-1]+x))",
    "WITH [1,2] AS l RETURN reduce(acc=[0], x IN l | acc + [last(acc)+x])",
    "WITH [1] AS l RETURN reduce(a={s:0,m:0}, x IN l | {s:a.s+x, m: CASE WHEN x > a.m THEN x ELSE a.m END})",
    "WITH [1,2] AS l RETURN reduce(f=1, x IN l | f * x)",
    "WITH [1,2] AS l RETURN reduce(h=7, x IN l | h*31 + x)",
    "MATCH p=(a)-[*1..3]->(b) RETURN [n IN nodes(p) | n.name] AS x",
    "MATCH p=(a)-[*1..3]->(b) WITH collect(p) AS ps RETURN [p IN ps | [n IN nodes(p) | n.name]]",
    "WITH [1,2] AS a, [3,4] AS b RETURN [i IN range(0, size(a)-1) | {x:a[i], y:b[i]}]",
    "WITH [1,2] AS a, [3,4] AS b RETURN any(x IN a WHERE any(y IN b WHERE x=y))",
    "MATCH (n) WHERE n.name =~ '(?i).*foo.*' RETURN n",
    "MATCH (n) WHERE n.name =~ $p RETURN n",
    "MATCH (n) WHERE n.name =~ '.*(foo|bar).*' RETURN n",
    "MATCH (n) WHERE n.name =~ ('(?i)' + $p + '.*') RETURN n",
    "MATCH (n) RETURN replace(n.name, ' ', '_')",
    "MATCH (n) RETURN reduce(s=n.name, c IN [',','.'] | replace(s, c, ''))",
    "MATCH (n) RETURN n.a + n.b + n.c + n.d AS t, n.first + ' ' + n.last AS x, n {.*, k: n.v}",
    "UNWIND range(1, 1000000000000) AS x RETURN count(*)",
    "UNWIND range(0, duration.inDays(date('2020-01-01'), date()).days) AS d RETURN d",
    "MATCH (a:X {id:$id})-[:R]->+(b) WHERE a.n <> b.n "
    "WITH a, count(DISTINCT b) AS n, collect(b.name) AS names RETURN a.name, n, names[0..5]",
    "RETURN all(i IN range(0, size($l)-2) WHERE $l[i] <= $l[i+1]) AS x",
    "MATCH (startNode)-[r]->(endNode) RETURN startNode AS start, endNode AS end, r.end",
    "RETURN [x IN range(1,12) | date({year:2026, month:x, day:1})]",
    "WITH [[1,2],[3]] AS l RETURN reduce(a=[], x IN l | a + [y IN x WHERE NOT y IN a | y])",
    "MATCH (n) RETURN n.name =~ '.*a' AS a, n.name AS b ORDER BY b",
    "MATCH (n) RETURN [(n)--(m) WHERE m.name =~ 'a.*' | m.name] AS l",
    "UNWIND $longs AS s RETURN s, $long + s AS t, $long AS u",
    "MATCH (n) WITH n.first + ' ' + n.last AS name RETURN name + ', ' + name AS x",
]

# Each with a word of its error message.
REFUSED = {
    "RETURN reduce(s='x', i IN range(1,40) | s+s)": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | (s)+(s))": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | s + '' + s)": "accumulator",
    "RETURN reduce(s=[1], i IN range(1,40) | s+s)": "accumulator",
    "RETURN reduce(s=[1], i IN range(1,40) | s || s)": "accumulator",
    "RETURN reduce(`s`='x', i IN range(1,40) | `s`+s)": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | toUpper(s)+toLower(s))": "accumulator",
    "RETURN reduce(s='xx', i IN range(1,9) | replace(s,'x',s))": "third argument",
    "RETURN reduce(s='x', i IN range(1,40) | replace(s,'x','xx'))": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | replace(s,'','a'))": "accumulator",
    "RETURN reduce(s={a:'x'}, i IN range(1,40) | {a: s.a + s.a})": "accumulator",
    "RETURN reduce(s=['x'], i IN range(1,40) | [s[0] + s[0]])": "accumulator",
    "RETURN reduce(s=['x'], i IN range(1,40) | s + [last(s) + last(s)])": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | CASE WHEN true THEN s+s ELSE s END)": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | reduce(t=s, j IN [1,2] | t + s))": "accumulator",
    "WITH 'x' AS s " + "WITH s+s AS s " * 32 + "RETURN size(s)": "clause by clause",
    "WITH 'x' AS s " + "WITH s AS a, s AS b WITH a+b AS s " * 32 + "RETURN size(s)": "clause by clause",
    "WITH 'x' AS s " + "WITH [s,s] AS s " * 32 + "RETURN s": "clause by clause",
    "WITH 'x' AS s "
    + "CALL (s) { WITH s+s AS t RETURN t } WITH t AS s " * 30
    + "RETURN s": "clause by clause",
    "MATCH (n) WITH "
    + "+".join(["n.description"] * 30)
    + " AS d RETURN "
    + "+".join(["d"] * 30): "25 are let",
    "WITH " + "+".join(["$long"] * 30) + " AS s RETURN " + "+".join(["s"] * 30): "25 are let",
    "RETURN size([x IN range(1,1000000000) | x])": "this range",
    "RETURN range(1,1000000000000)": "this range",
    "RETURN size(range(1,toInteger('1000000000000')))": "known beforehand",
    "RETURN [x IN range(1,100000) | [y IN range(1,100000) | y]]": "steps here",
    "UNWIND range(1,9) AS k RETURN [x IN range(1, 10^12) | x]": "known beforehand",
    "WITH collect(1) AS l RETURN [x IN l | [y IN l | y]]": "list of its own",
    "RETURN [x IN range(1,1000) | reduce(s='', y IN range(1,100000) | s + 'a')]": "steps here",
    "RETURN $s =~ '(a+)+b'": "repeats",
    "RETURN $s =~ '(a|b)*' AS n": "repeats what",
    "MATCH (n) RETURN n.s =~ n.p": "pattern after",
    "RETURN " + "(" * 200 + "1" + ")" * 200: "nested",
    "RETURN replace($s, 'x', $s)": "clause by clause",
    "RETURN replace(toString(1), 'x', reduce(a='', x IN range(1,1000) | a + 'x'))": "third argument",
    "RETURN [x IN range(1,100000) | '" + "a" * 50_000 + "' + x]": "clause by clause",
    "RETURN `reduce`(s='x', i IN range(1,40) | s+s)": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | s+s ) AS x /* ' */ , ' ' AS y": "accumulator",
    "RETURN reduce (s = 'x', i IN range (1,40) | s\n+\ns)": "accumulator",
    "RETURN ReDuCe(s='x', i IN RANGE(1,40)|s+s)": "accumulator",
    "RETURN reduce(s='x',i IN range(1,40)|coalesce(s,'')+coalesce(s,''))": "accumulator",
    "RETURN reduce(s='x',i IN range(1,40)|[s,s][0]+[s,s][1])": "accumulator",
    "RETURN reduce(s='x',i IN range(1,40)|{a:s,b:s}.a + 'x')": "accumulator",
    "WITH 'x' AS s RETURN COLLECT { " + "WITH s+s AS s " * 30 + "RETURN s }": "clause by clause",
    "RETURN reduce(s='x', i IN range(1,40) | head([t IN [s] | t + t]))": "accumulator",
    "RETURN reduce(s='x', i IN range(1,40) | reduce(t='', j IN [s,s] | t + j))": "accumulator",
    "RETURN range(1, $n)": "this range",
    "MATCH (n) WHERE n.a = 1" + " XOR n.b = 1" * 30 + " RETURN n": "8 times XOR",
    "MATCH (n:" + "&".join(f"(A{i}|B{i})" for i in range(400)) + ") RETURN n": "100 times &",
    "RETURN " + "NOT " * 20_000 + "true AS x": "chains",
    "RETURN 1" + " + 1" * 20_000 + " AS x": "chains",
    "MATCH (n) WHERE n.name =~ '.*a.*b.*c.*d.*e.*f' RETURN n": "steps on a long text",
}


@pytest.mark.parametrize("text", PASS)
def test_what_people_write_passes(text: str):
    check_growth(text, PARAMS)


@pytest.mark.parametrize("query", queries.readable(), ids=lambda query: query.name)
def test_named_queries_pass(query: queries.Query):
    check_growth(query.text, query.example)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:60])
def test_what_grows_is_refused_with_the_reason(text: str):
    with pytest.raises(Invalid, match=REFUSED[text]):
        check_growth(text, PARAMS)


def test_how_often_a_text_may_be_copied_depends_on_the_longest_one():
    text = "WITH " + " + ".join(["$s"] * 30) + " AS s RETURN s + s AS t"
    check_growth(text, {"s": "x" * 800_000})
    with pytest.raises(Invalid, match="60 times, and at most 50"):
        check_growth(text, {"s": "x" * 1_000_000})
    check_growth(text.replace("s + s", " + ".join(["s"] * 16)), {"s": "short"})
    with pytest.raises(Invalid, match="510 times, and at most 500"):
        check_growth(text.replace("s + s", " + ".join(["s"] * 17)), {"s": "short"})


# Each for names and descriptions in the graph.
PATTERNS_PASS = [
    "(?i).*word.*",
    "(?i).*(one|two|three).*",
    r"(?i).*\b(bees?|honey|wax)\b.*",
    r"\d{4}-\d{2}",
    r"^[A-Z].*\?$",
    "colou?r",
    r"\w+\s\w+",
    r"[\w.+-]+@[\w-]+\.[\w.]+",
    "[^,]*,[^,]*,[^,]*",
    "(https?://)?[^/]+/.*",
    "(?=.*honey)(?=.*bee).*",
    r"(\d\d){1,3}",
    r"\p{Lu}.*[.!?]",
    r"(?is)^.*photo\w{0,9}synthesis.*$",
    r"\[[^\]]+\]\s.*",
    ".*(" + "|".join(f"{n:03} words" for n in range(300)) + ").*",
    "(ab|cd)" * 45,
    "[a-z&&[^b]]*",
]
PATTERNS_REFUSED = {
    ".*.*.*.*.*x": "steps",
    ".*a.*b.*": "steps",
    "a?" * 45 + "a" * 45: "steps",
    "a{0,1}" * 45 + "a" * 45: "steps",
    "(a|a)" * 45 + "b": "steps",
    "(a|A)" * 45 + "b": "steps",
    "(a?|b)" * 45: "steps",
    "(a{0,9}){40}b": "steps",
    "[a-z]*[a-z]*X": "steps",
    "[^x]*[^y]*z": "steps",
    "(?U)\\w*[é]*z": "steps",
    "(?s).*a.*b": "steps",
    "(?s).*a.*(?-s).*b": "steps",
    "(?s:.*)a.*b": "steps",
    "(?=.*a.*b.*c).*": "steps",
    "(?>.*a.*b)?": "steps",
    ".{0,900}.{0,900}.{0,900}x": "steps",
    r"(.*)\1.*x": "steps",
    "(a+)+b": "repeats what",
    "(?:a|b)*": "repeats what",
    "(?<x>a|b){2,}": "repeats what",
    r"\Q[\E(a+)+b]": "not known",
    r"[\c](a+)+]": "not known",
    "[](a+)+]": "not known",
    "(?x)(a+) +b": "not known",
    "[a": "not known",
    "(a": "not known",
    "a)": "not known",
    "[ab]" * 2_000: "2,000 parts",
    "(" * 60 + "a" + ")" * 60: "deep",
}


@pytest.mark.parametrize("pattern", PATTERNS_PASS, ids=lambda pattern: pattern[:40])
def test_patterns_that_people_write_pass(pattern: str):
    check_growth("MATCH (n) WHERE n.name =~ $p OR n.description =~ $p RETURN n", {"p": pattern})


@pytest.mark.parametrize("pattern", PATTERNS_REFUSED, ids=lambda pattern: pattern[:40])
def test_patterns_that_java_may_not_end_are_refused(pattern: str):
    with pytest.raises(Invalid, match=PATTERNS_REFUSED[pattern]):
        check_growth("MATCH (n) WHERE n.name =~ $p RETURN n", {"p": pattern})


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("RETURN $s =~ '.*word.*'", True),
        ("RETURN $long =~ '.*word.*'", False),
        ("RETURN $long =~ '(?s).*word.*'", True),
        ("MATCH (n) WHERE n.name =~ '.*word.*' RETURN $long", True),
        ("MATCH (n) WHERE n.name =~ '.*word.*' RETURN n.name + ', ' + n.kind", True),
        ("MATCH (n)--(m) WITH n, count(m) + 1 AS c WHERE n.name =~ '.*word.*' RETURN n, c", True),
        ("MATCH (n) WHERE n.a =~ ('(?i)' + $s) AND n.b =~ '.*word.*' RETURN n", True),
        ("WITH $s + $s AS t RETURN t =~ 'word.*'", True),
        ("WITH $s + $s AS t RETURN t =~ '.*word.*'", False),
        ("RETURN [$s || $s][0] =~ '.*word.*'", False),
        ("WITH reduce(t = '', x IN $l | t + x) AS t RETURN t =~ '.*word.*'", False),
        ("WITH replace($s, 'a', 'aa') AS t RETURN t =~ '.*word.*'", False),
        ("WITH '" + "a" * 20_000 + "' AS t RETURN t =~ '.*word.*'", False),
    ],
)
def test_how_often_a_pattern_may_repeat_depends_on_the_texts_before_it(text: str, passes: bool):
    params = {"s": "a" * 1_000, "long": "a" * 60_000, "l": ["a"]}
    if passes:
        check_growth(text, params)
    else:
        with pytest.raises(Invalid, match="steps on a long text"):
            check_growth(text, params)
