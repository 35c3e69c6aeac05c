# optimum-training.gp -- Likelihood during training of linear flows on the wine
# table (standardised, training rows), full-batch Adam at rate 0.01. Dashed:
# the predicted optimum of each, $EIG$ where the predicted gap is 0; the
# diagonal flow stops short of it by half the log-determinant of the
# correlation matrix.
load 'plots/style.gp'

file = out.'/optimum-training.csv'
names = '"dense" "P L U" "triangular" "diagonal"'
stats file using 'eigen_nats' nooutput
eigen = STATS_max
stats file using 'step' nooutput
last = STATS_max
set logscale x
set xlabel 'training step'
set ylabel 'log-likelihood [nats per sample]'
set key bottom right
set yrange [eigen - 7:eigen + 0.6]
set xrange [1:last]
set label 1 'EIG, the eigenvalue optimum' at graph 0.03, first eigen offset 0, 0.6
plot for [i = 1:4] file using (stringcolumn('parameterisation') eq word(names, i) ? column('step') : NaN):'train_nats' \
         with lines ls i lw 2 title word(names, i), \
     for [i = 1:4] file using (stringcolumn('parameterisation') eq word(names, i) ? column('step') : NaN):'predicted_nats' \
         with lines ls theory title (i == 1 ? 'predicted' : '')
