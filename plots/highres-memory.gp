# highres-memory.gp -- Peak memory of a training step that recomputes what it
# needs: by pixels a side, of a Glow of 4 steps a level and of the flow that starts
# at the spectrum (left), and of a Glow by steps a level at 256 (right). Dashed: what storing every activation would take.
width = 900; height = 400
load 'plots/style.gp'

file = out.'/highres-memory.csv'
part(p) = stringcolumn('sweep') eq p
set datafile missing NaN
set multiplot layout 1, 2
set logscale xy 2
set format y '%.0f'
set yrange [1:4096]
set ylabel 'memory [MiB]'
set key top left
set xlabel 'pixels a side'
plot file using (part('size') ? column('size') : NaN):'peak_mib' with linespoints ls 1 title 'peak of the process', \
     file using (part('spectrum') ? column('size') : NaN):'peak_mib' with linespoints ls 2 title 'started at the spectrum', \
     file using (part('size') ? column('size') : NaN):'stored_mib' with lines ls theory title 'activations, if stored'
unset ylabel
set xlabel 'steps a level'
plot file using (part('depth') ? column('depth') : NaN):'peak_mib' with linespoints ls 1 title 'peak of the process', \
     file using (part('depth') ? column('depth') : NaN):'params_mib' with linespoints ls 3 title 'parameters', \
     file using (part('depth') ? column('depth') : NaN):'stored_mib' with lines ls theory title 'activations, if stored'
unset multiplot
