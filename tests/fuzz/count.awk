# count.awk: of libFuzzer's lines, each behind the second at which it came, one
# line: name, runs, edges, seconds since the last new edge, inputs, found.
#
# Variables: name, inputs, found, began and now (seconds).  Each process has its
# own edges, new beyond those that it has when it has read its corpus: a line
# "#N<tab>INITED cov: E ...".  A log without one has said nothing: status 1.
/number_of_executed_units:/ { runs += $3 }
$2 == "INFO:" && $3 == "Seed:" { begun = 0 }
$2 ~ /^#[0-9]+$/ && $4 == "cov:" {
    covered = $5
    if (covered > edges)
        edges = covered
    if (begun && covered > begun)
        since = $1
    if (begun || $3 == "INITED")
        begun = covered
    initiated += $3 == "INITED"
}
END {
    if (!initiated) {
        print "count.awk: " name ": no line INITED of the fuzzer" >"/dev/stderr"
        exit 1
    }
    printf "%-12s %12d %7d %7d %7d %d\n", name, runs, edges,
        now - (since ? since : began), inputs, found
}
