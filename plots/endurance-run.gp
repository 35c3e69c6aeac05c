# endurance-run.gp -- The long run at 1024 x 1024 of the flow that starts at the
# spectrum, two seeds; bands: both of them. Left: held-out bits per dimension of
# whole photographs by set; dashed: their power spectrum, the better of circular
# and reflecting; dots: PNG. Middle: the error of the float round trip of a
# held-out photograph; dashed: the bound that the budgets of the flow prove.
# Right: the largest singular value of the Jacobian at a held-out crop, and the
# largest growth that was found for the inverse, a lower bound of its norm. The
# start is drawn at step 1.
width = 1120; height = 380
load 'plots/style.gp'

file = out.'/endurance.csv'
ends = out.'/endurance-runs.csv'
stretch = out.'/endurance-stretch.csv'
eval(instead_of(file))
set datafile missing NaN
words = ''; stats file using (add_word(stringcolumn('image_set'))) nooutput
sets = words
of(set) = sprintf('$is["image_set"] == "%s"', set)
first = word(sets, 1)
at_end(set, name) = stringcolumn('image_set') eq set ? column(name) : NaN
array spectrum[words(sets)]
array png[words(sets)]
do for [k = 1:words(sets)] {
    stats ends using (at_end(word(sets, k), 'spectrum_bits')) nooutput
    spectrum[k] = STATS_max
    stats ends using (at_end(word(sets, k), 'png_bits')) nooutput
    png[k] = STATS_max
}
set logscale x
set xrange [1:*]
set xtics 1, 10 format '10^{%T}'
set xlabel 'steps'
set style fill transparent solid 0.2 noborder
set multiplot layout 1, 3
set tmargin 2
set label 1 'held-out bits per dimension' at graph 0.5, 1.04 center font ',12'
set yrange [1:8]
set key top right samplen 2 font ',11'
plot for [k = 1:words(sets)] band(file, of(word(sets, k)), 'step', 'bits_per_dim') using (column('x') > 0 ? column('x') : 1):'low':'high' with filledcurves fc rgb word('#0072B2 #D55E00 #009E73', k) notitle, \
     for [k = 1:words(sets)] band(file, of(word(sets, k)), 'step', 'bits_per_dim') using (column('x') > 0 ? column('x') : 1):'middle' with linespoints ls k title word(sets, k), \
     for [k = 1:words(sets)] spectrum[k] with lines ls theory lc rgb word('#0072B2 #D55E00 #009E73', k) notitle, \
     for [k = 1:words(sets)] png[k] with lines lc rgb word('#0072B2 #D55E00 #009E73', k) lw 1.2 dt (1, 4) notitle, \
     NaN with lines ls theory title 'spectrum', NaN with lines lc rgb '#000000' lw 1.2 dt (1, 4) title 'PNG'
set label 1 'float round trip, relative'
set logscale y
set yrange [1e-8:1e-1]
set ytics 1e-8, 10 format '10^{%T}'
plot band(file, of(first), 'step', 'roundtrip_error') using (column('x') > 0 ? column('x') : 1):'low':'high' with filledcurves fc rgb '#0072B2' notitle, \
     '' using (column('x') > 0 ? column('x') : 1):'middle' with linespoints ls 1 title 'error', \
     band(file, of(first), 'step', 'predicted_roundtrip') using (column('x') > 0 ? column('x') : 1):'high' with lines ls theory title 'proved bound'
set label 1 'stretch at a held-out crop'
set yrange [1:1e4]
set ytics 1, 10
plot band(stretch, '1', 'step', 'largest') using (column('x') > 0 ? column('x') : 1):'low':'high' with filledcurves fc rgb '#0072B2' notitle, \
     '' using (column('x') > 0 ? column('x') : 1):'middle' with linespoints ls 1 title 'map, largest', \
     band(stretch, '1', 'step', 'inverse_found') using (column('x') > 0 ? column('x') : 1):'low':'high' with filledcurves fc rgb '#D55E00' notitle, \
     '' using (column('x') > 0 ? column('x') : 1):'middle' with linespoints ls 2 title 'inverse, found'
unset multiplot
