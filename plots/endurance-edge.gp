# endurance-edge.gp -- The largest rate at which three runs of a recipe last, by
# their length; the rate is constant after the warm-up. Marks: the largest stable
# rate of those that were tried; bars: up to the least that is not; to the upper
# edge: none was; from the lower one: none is stable. Not stable: at least one of
# three runs is not finite, or its held-out bits of photographs of nature or
# lomiri are above 8 and above those of the start. Dashed: ten times the largest
# stable rate of plain runs at the greatest length.
width = 900; height = 380
load 'plots/style.gp'

file = out.'/endurance-edge-rates.csv'
eval(instead_of(file))
names = '"plain" "principles" "spectrum" "identity"'
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s
words = ''; stats file using (add_word(sprintf('%g', column('size')))) nooutput
words = system("printf '%s\\n' ".words." | sort -g | tr '\\n' ' '")
stats file using 'steps' nooutput
longest = STATS_max; shortest = STATS_min
# Before any range: of each size the largest rate of plain runs.
array plain[words(words)]
do for [i = 1:words(words)] {
    stats file using (is(1, word(words, i) + 0) && column('steps') == longest ? column('stable_rate') : NaN) nooutput
    plain[i] = STATS_max
}
shift(k) = exp(0.05 * (k - 2.5))
# What is stable at no rate that was tried, or at all of them, stays in sight.
floor = 5e-6
ceiling = 30.
set datafile missing NaN
set logscale xy
set xrange [0.7 * shortest:1.5 * longest]
set yrange [floor:ceiling]
set ytics 1e-5, 10 format '10^{%T}'
set xtics ()
steps = system("awk -F, '!/^#/ && $3 + 0 > 0 { print $3 }' ".quoted(file)." | sort -gu | tr '\\n' ' '")
set for [w in steps] xtics add (w w + 0)
set multiplot layout 1, words(words)
set tmargin 2
set xlabel 'length of the run [steps]'
set ylabel 'learning rate'
# Panels of one width, the key beside the last.
set bmargin at screen 0.17
panel = 0.73 / words(words)
unset key
do for [i = 1:words(words)] {
    s = word(words, i)
    set lmargin at screen 0.09 + (i - 1) * panel
    set rmargin at screen 0.06 + i * panel
    if (i == words(words)) {
        set key outside right center samplen 2 font ',11'
    }
    unset arrow
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.04 center font ',12'
    ten = 10 * plain[i]
    bar(k) = (is(k, s + 0) ? column('steps') * shift(k) : NaN)
    top(x) = (x <= ceiling ? x : ceiling)
    plot for [k = 1:4] file using (bar(k)):(column('stable_rate') > 0 ? column('stable_rate') : floor):(0):(top(column('unstable_rate')) - (column('stable_rate') > 0 ? column('stable_rate') : floor)) with vectors head size graph 0.008, 90 ls k dt 1 lw 1.2 notitle, \
         for [k = 1:4] file using (bar(k)):'stable_rate' with points ls k ps 1 title word(names, k), \
         (ten > 0 ? ten : NaN) with lines ls theory title 'ten times plain'
    unset ylabel
    set format y ''
}
unset multiplot
