# principles-tornado.gp -- What each principle adds, on minus off, mean over
# seeds with two standard errors. Filled: taken out of the full recipe; open:
# put alone into the bare one. Right of the line is better in all panels; a
# missing mark: the run without the principle never had the quantity (it
# diverged at every rate). Dashed: nothing. In the order of the largest effect on
# the likelihood within the full recipe.
width = 1120; height = 560
load 'plots/style.gp'

file = out.'/principles-effects.csv'
order = '"P1" "P2" "P3" "P4" "P5" "P6" "P7" "P9" "P10"'
says = '"P1 clamped scales" "P2 bounded nets" "P3 budget on mixing" "P4 start from data" "P5 orthogonal start" "P6 dequantise, noise" "P7 stored activations" "P9 scale at the end" "P10 clipped steps"'
data = '"banana" "wine" "digits"'
# The principles by that effect, the largest first.
largest = "awk -F, '/^#/ { next } !n { n = NF; for (i = 1; i <= n; i++) is[$i] = i; next } !($is[\"principle\"] in e) { e[$is[\"principle\"]] = 0 } $is[\"quantity\"] == \"test_nats\" && $is[\"from\"] == \"full\" && $is[\"effect\"] ~ /^[-+.0-9]/ { v = $is[\"effect\"] + 0; v = v < 0 ? -v : v; if (v > e[$is[\"principle\"]]) e[$is[\"principle\"]] = v } END { for (p in e) print p, e[p] }' ".quoted(file)." | LC_ALL=C sort -k2,2gr -k1,1"
ranked = ' '.system(largest." | cut -d' ' -f1 | tr '\\n' ' '").' '
place(p) = words(ranked[1:strstrt(ranked, ' '.p.' ')]) + 1
filled = '7 5 9'
open = '6 4 8'
is(q, d, f) = stringcolumn('quantity') eq q && stringcolumn('data') eq word(data, d) && stringcolumn('from') eq f
y(d, f) = 10 - place(stringcolumn('principle')) + 0.27 - 0.22 * (d - 1) - (f eq 'bare' ? 0.09 : 0)
squeeze(v) = asinh(20 * v)
set datafile missing NaN
set multiplot
set yrange [0.4:9.6]
set ytics nomirror ()
set tmargin at screen 0.93
set bmargin at screen 0.12
set arrow 1 from 0, graph 0 to 0, graph 1 nohead ls theory
do for [k = 1:9] { set ytics add (word(says, k) 10 - place(word(order, k))) }
set key at screen 0.99, screen 0.985 horizontal samplen 1 font ',11'

set lmargin at screen 0.17
set rmargin at screen 0.47
set xlabel 'test log-likelihood [nats]'
set xtics ('−10' squeeze(-10), '−1' squeeze(-1), '−.1' squeeze(-0.1), '0' 0, '.1' squeeze(0.1), '1' squeeze(1), '10' squeeze(10), '100' squeeze(100), '1000' squeeze(1000))
set xrange [squeeze(-12):squeeze(1200)]
plot for [d = 1:3] file using (is('test_nats', d, 'full') ? squeeze(column('effect')) : NaN):(y(d, 'full')):(squeeze(column('effect') - 2 * column('se_effect'))):(squeeze(column('effect') + 2 * column('se_effect'))) with xerrorbars ls d pt 0 + word(filled, d) dt 1 title word(data, d), \
     for [d = 1:3] file using (is('test_nats', d, 'bare') ? squeeze(column('effect')) : NaN):(y(d, 'bare')):(squeeze(column('effect') - 2 * column('se_effect'))):(squeeze(column('effect') + 2 * column('se_effect'))) with xerrorbars ls d pt 0 + word(open, d) dt 1 notitle
unset ytics
unset key
set lmargin at screen 0.5
set rmargin at screen 0.73
set xlabel 'log_{10} largest stable rate'
set xtics -2, 1
set xrange [-2.2:3.2]
plot for [d = 1:3] file using (is('largest_stable_rate', d, 'full') ? column('effect') : NaN):(y(d, 'full')):(2 * column('se_effect')) with xerrorbars ls d pt 0 + word(filled, d) dt 1, \
     for [d = 1:3] file using (is('largest_stable_rate', d, 'bare') ? column('effect') : NaN):(y(d, 'bare')):(2 * column('se_effect')) with xerrorbars ls d pt 0 + word(open, d) dt 1
set lmargin at screen 0.76
set rmargin at screen 0.985
set xlabel '−log_{10} condition number'
set xtics -3, 1
set xrange [-3:3]
plot for [d = 1:3] file using (is('condition_number', d, 'full') ? -column('effect') : NaN):(y(d, 'full')):(2 * column('se_effect')) with xerrorbars ls d pt 0 + word(filled, d) dt 1, \
     for [d = 1:3] file using (is('condition_number', d, 'bare') ? -column('effect') : NaN):(y(d, 'bare')):(2 * column('se_effect')) with xerrorbars ls d pt 0 + word(open, d) dt 1
unset multiplot
