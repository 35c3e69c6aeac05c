# optimum-flows.gp -- What lies beyond the eigenvalue line: negentropy captured
# on test rows, the test likelihood minus that of the Gaussian fitted to the
# same training rows, by class of flow; a point per seed. Dashed black bars:
# the whole negentropy $J$, where the density is known, which no flow exceeds.
# Orange ones: the ceiling of flows with constant determinant, where it is
# known. An affine flow stays at 0.
width = 960; height = 440
load 'plots/style.gp'

file = out.'/optimum-flows.csv'
# One place on the axis for each table, in order of appearance.
seen = ''
count = 0
note(s) = strstrt(seen, '|'.s.'|') ? 0 : (seen = seen.'|'.s.'|', count = count + 1)
stats file using (note(stringcolumn('data')), 0) nooutput
name_of(k) = (r = seen, sum [i = 1:k] (r = r[2:], p = strstrt(r, '|'), w = r[1:p-1], r = r[p+1:], 0), w)
place(s) = (q = 0, sum [i = 1:count] (name_of(i) eq s ? (q = i, 0) : 0), q)
class = '"affine" "constant_det" "nonlinear"'
label_of = '"affine" "constant |det|" "nonlinear"'

is_toy(k) = name_of(k)[1:4] eq 'toy:'
reals = 0
do for [i = 1:count] { if (!is_toy(i)) { reals = i } }

set multiplot
set key off
set bmargin at screen 0.22
set tmargin at screen 0.84
set ylabel 'negentropy captured [nats per sample]'
set xtics ()
set for [i = 1:count] xtics add (is_toy(i) ? name_of(i)[5:] : name_of(i) i) rotate by -35
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb '#bbbbbb' lw 0.8 back

# Real tables, whose entropy nobody knows, and densities that are known.
do for [panel = 1:2] {
    from = panel == 1 ? 1 : reals + 1
    to = panel == 1 ? reals : count
    if (from > to) { continue }
    set xrange [from - 0.6:to + 0.6]
    set lmargin at screen (panel == 1 ? 0.1 : (reals > 0 ? 0.43 : 0.1))
    set rmargin at screen (panel == 1 ? 0.37 : 0.985)
    if (to == count) { set key at screen 0.99, 0.985 right top vertical maxrows 2 Left reverse samplen 2 width -4 font ',11' }
    if (panel == 2) { unset ylabel; set yrange [-0.1:*] }
    inside(s) = (q = place(s), q >= from && q <= to ? q : NaN)
    plot for [i = 1:3] file using (stringcolumn('class') eq word(class, i) ? inside(stringcolumn('data')) + 0.25 * (i - 2) : NaN):'negentropy_captured_nats' \
             with points ls i title word(label_of, i), \
         '' using (inside(stringcolumn('data'))):(column('entropy_nats') - column('eigen_nats')):(0.42) \
             with xerrorbars lc rgb 'black' lw 1.6 dt (6, 3) pt 0 title 'negentropy J', \
         '' using (inside(stringcolumn('data'))):(column('ceiling_nats') - column('eigen_nats')):(0.2) \
             with xerrorbars ls 2 pt 0 dt (6, 3) lw 1.6 title 'ceiling of constant |det|'
}
unset multiplot
