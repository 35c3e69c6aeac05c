# optimum-flows.gp -- What lies beyond the eigenvalue line: negentropy captured
# on test rows, the test likelihood minus that of the Gaussian fitted to the
# same training rows, by class of flow; a point per seed. Black bars: the whole
# negentropy J, where the density is known, which no flow exceeds. Open bars:
# the ceiling of flows with constant determinant, where it is known. An affine
# flow stays at 0.
width = 900; height = 480
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
label_of = '"affine" "constant determinant" "nonlinear"'

set ylabel 'negentropy captured [nats per sample]'
set xrange [0.4:count + 0.6]
set xtics ()
set for [i = 1:count] xtics add (name_of(i)[1:4] eq 'toy:' ? name_of(i)[5:] : name_of(i) i) rotate by -30
set bmargin 6
set key outside top center horizontal
set arrow 1 from 0.4, 0 to count + 0.6, 0 nohead lc rgb '#bbbbbb' lw 0.8

plot for [i = 1:3] file using (stringcolumn('class') eq word(class, i) ? place(stringcolumn('data')) + 0.22 * (i - 2) : NaN):'negentropy_captured_nats' \
         with points ls i title word(label_of, i), \
     '' using (place(stringcolumn('data'))):(column('entropy_nats') - column('eigen_nats')):(0.4) \
         with xerrorbars lc rgb 'black' lw 1.6 pt 0 title 'J, predicted', \
     '' using (place(stringcolumn('data'))):(column('ceiling_nats') - column('eigen_nats')):(0.2) \
         with xerrorbars ls 2 pt 0 dt 1 lw 1.6 title 'constant-determinant ceiling'
