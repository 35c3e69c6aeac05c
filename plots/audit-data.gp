# audit-data.gp -- The audit of each table: eigenvalues of the standardised
# table (top left); log-likelihood of new rows under probabilistic PCA, over that
# of the full covariance, with the suggested number of components marked (top
# right); negentropy beyond the affine optimum that a small nonlinear flow
# captures on test rows, and that maps of single sphered columns find, with two
# standard errors (bottom left; dashed: the affine optimum); critical learning
# rates of a linear map on the table as it is, standardised and whitened (bottom
# right; dashed: 1, that of every whitened table).
width = 960; height = 720
load 'plots/style.gp'

spectrum = out.'/audit-spectrum.csv'
summary = out.'/audit-summary.csv'
training = out.'/audit-training.csv'
rates = out.'/audit-rates.csv'

# One place for each table, in order of appearance.
seen = ''
count = 0
note(s) = strstrt(seen, '|'.s.'|') ? 0 : (seen = seen.'|'.s.'|', count = count + 1)
stats spectrum using (note(stringcolumn('data')), 0) nooutput
name_of(k) = (r = seen, sum [i = 1:k] (r = r[2:], p = strstrt(r, '|'), w = r[1:p-1], r = r[p+1:], 0), w)
place(s) = (q = 0, sum [i = 1:count] (name_of(i) eq s ? (q = i, 0) : 0), q)

# The likelihood of new rows under the full covariance, by table.
array full[count]
array largest[count]
do for [i = 1:count] { full[i] = NaN; largest[i] = 1 }
stats spectrum using (i = place(stringcolumn('data')), largest[i] = column('d'), \
    full[i] = (column('q') == column('d') - 1 ? column('held_out_nats') : full[i]), 0) nooutput

set multiplot layout 2, 2 margins 0.085, 0.985, 0.14, 0.965 spacing 0.1, 0.17
set key bottom left
set xlabel 'index / d'
set ylabel 'eigenvalue, standardised'
set logscale y
set format y '10^{%T}'
set xrange [0:1.02]
plot for [i = 1:count] spectrum using (stringcolumn('data') eq name_of(i) ? (column('q') + 1) / column('d') : NaN):'eigenvalue' \
    with linespoints ls i pi (largest[i] > 20 ? 6 : 1) title name_of(i) noenhanced

unset logscale y
set format y '%g'
set key bottom right
set xlabel 'components q / d'
set ylabel 'held out, over full covariance [nats]'
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead ls theory back
set yrange [-4:*<2]
plot for [i = 1:count] spectrum using (stringcolumn('data') eq name_of(i) ? column('q') / column('d') : NaN):(column('held_out_nats') - full[i]) \
    with lines ls i notitle, \
  for [i = 1:count] spectrum using (stringcolumn('data') eq name_of(i) && column('suggested') == 1 ? column('q') / column('d') : NaN):(column('held_out_nats') - full[i]) \
    with points ls i ps 1.6 title (i == 1 ? 'suggested' : '')
unset arrow 1

set key top left
set xlabel ''
set xrange [0.5:count + 0.5]
set yrange [*<-0.5:*]
set ylabel 'negentropy on new rows [nats]'
set xtics ()
set for [i = 1:count] xtics add (name_of(i) i) rotate by -25 noenhanced
set offsets 0, 0, graph 0.25, graph 0.05
set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead ls theory back
is(q) = stringcolumn('quantity') eq q ? place(stringcolumn('data')) : NaN
height_of(q) = stringcolumn('quantity') eq q ? column('value') : NaN
single = 'negentropy of sphered columns summed'
mean(v) = stringcolumn('class') eq 'mean' ? v : NaN
plot training using (mean(place(stringcolumn('data'))) - 0.1):(mean(column('negentropy_captured_nats'))):(2 * column('se_captured')) with yerrorbars ls 1 ps 1.1 title 'small nonlinear flow', \
     summary using (is(single) + 0.1):(height_of(single)):(2 * column('se')) with yerrorbars ls 2 dt 1 ps 1.1 title 'sphered columns, one by one'
unset offsets

set logscale y
set format y '10^{%T}'
set yrange [*:1e3]
set ylabel 'critical learning rate'
unset arrow 1
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead ls theory back
of(p) = stringcolumn('problem') eq p ? place(stringcolumn('data')) : NaN
set key top right horizontal
plot rates using (of('raw')):'critical_rate' with points ls 2 ps 1.3 title 'raw', \
     '' using (of('standardised')):'critical_rate' with points ls 1 ps 1.3 title 'standardised', \
     '' using (of('whitened')):'critical_rate' with points ls 3 ps 1.5 title 'whitened'
unset multiplot
